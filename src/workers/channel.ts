import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { ChildProcess } from 'node:child_process'

/** A way for messages between a pool and whatever computes a node for it: a port of a thread, or a process's own. */
export interface Channel {
  post(message: unknown): void
  onMessage(take: (message: unknown) => void): void
  onClose(then: () => void): void
  /** What has arrived and was not taken in yet. */
  unheard(): Iterable<unknown>
  close(): void
}

export const portChannel = (port: MessagePort): Channel => ({
  post: (message) => port.postMessage(message),
  onMessage: (take) => void port.on('message', take),
  onClose: (then) => void port.on('close', then),
  *unheard() {
    for (let said = receiveMessageOnPort(port); said !== undefined; said = receiveMessageOnPort(port))
      yield said.message
  },
  close: () => port.close(),
})

/** The end of whoever started a process; for one node, so that listeners end with it. */
export const childChannel = (child: ChildProcess): Channel => {
  const endings: (() => void)[] = []
  return {
    post: (message) => {
      // one that has just died hears nothing: its end is told by its exit
      if (child.connected) child.send(message as object, () => undefined) // what can be sent is an object
    },
    onMessage: (take) => {
      child.on('message', take)
      endings.push(() => child.off('message', take))
    },
    onClose: (then) => void endings.push(then),
    unheard: () => [],
    close: () => endings.splice(0).forEach((end) => end()),
  }
}
