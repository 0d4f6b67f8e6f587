import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { ChildProcess } from 'node:child_process'
import { receiving, sent } from './process-messages.js'

/** Message channel between a pool and the thread or process that computes a node for it. */
export interface Channel {
  post(message: unknown): void
  onMessage(take: (message: unknown) => void): void
  onClose(then: () => void): void
  /** Messages that have arrived but were not delivered yet. */
  unheard(): Iterable<unknown>
  /** Afterwards no message is sent or received. */
  close(): void
}

/** The parent's end, for one node: its listeners are removed with it, and no message reaches the next node. */
const channelBy = (
  end: Pick<ChildProcess | MessagePort, 'on' | 'off'>,
  { post, unheard, reader }: Pick<Channel, 'post' | 'unheard'> & { readonly reader?: typeof receiving },
): Channel => {
  const endings: (() => void)[] = []
  let isOpen = true
  return {
    post: (message) => {
      if (isOpen) post(message)
    },
    onMessage: (take) => {
      const hear = reader?.(take) ?? take
      end.on('message', hear)
      endings.push(() => void end.off('message', hear))
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
      // a child that has just died receives nothing: its exit reports the end
      for (const part of sent(message)) if (child.connected) child.send(part, () => undefined)
    },
    reader: receiving,
    unheard: () => [],
  })
