import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { ChildProcess } from 'node:child_process'

/** A way for messages between a pool and whatever computes a node for it: a port of a thread, or a process's own. */
export interface Channel {
  post(message: unknown): void
  onMessage(take: (message: unknown) => void): void
  onClose(then: () => void): void
  /** What has arrived and was not taken in yet. */
  unheard(): Iterable<unknown>
  /** Nothing is said or heard by it any more. */
  close(): void
}

/** The end of whoever started something; for one node, so that listeners end with it, and nothing reaches the next. */
const channelBy = (
  end: Pick<ChildProcess | MessagePort, 'on' | 'off'>,
  { post, unheard }: Pick<Channel, 'post' | 'unheard'>,
): Channel => {
  const endings: (() => void)[] = []
  let isOpen = true
  return {
    post: (message) => {
      if (isOpen) post(message)
    },
    onMessage: (take) => {
      end.on('message', take)
      endings.push(() => void end.off('message', take))
    },
    onClose: (then) => void endings.push(then),
    unheard,
    close: () => {
      isOpen = false
      endings.splice(0).forEach((ending) => ending())
    },
  }
}

export const portChannel = (port: MessagePort): Channel =>
  channelBy(port, {
    post: (message) => port.postMessage(message),
    *unheard() {
      for (let said = receiveMessageOnPort(port); said !== undefined; said = receiveMessageOnPort(port))
        yield said.message
    },
  })

export const childChannel = (child: ChildProcess): Channel =>
  channelBy(child, {
    post: (message) => {
      // one that has just died hears nothing: its end is told by its exit
      if (child.connected) child.send(message as object, () => undefined) // what can be sent is an object
    },
    unheard: () => [],
  })
