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

/**
 * Creates the parent's ends, one for each node: no message reaches the next node, and what comes between two is
 * ignored. There is one listener for all, since adding one costs as much as a message.
 */
const channelsBy = (
  end: Pick<ChildProcess | MessagePort, 'on'>,
  { post, unheard, reader }: Pick<Channel, 'post' | 'unheard'> & { readonly reader?: typeof receiving },
): (() => Channel) => {
  let hear: ((message: unknown) => void) | undefined
  end.on('message', (message: unknown) => hear?.(message))
  return () => {
    const endings: (() => void)[] = []
    let mine: typeof hear
    let isOpen = true
    return {
      post: (message) => {
        if (isOpen) post(message)
      },
      onMessage: (take) => {
        mine = reader?.(take) ?? take
        hear = mine
      },
      onClose: (then) => void endings.push(then),
      unheard,
      close: () => {
        isOpen = false
        if (hear === mine) hear = undefined
        endings.splice(0).forEach((ending) => ending())
      },
    }
  }
}

export const portChannels = (port: MessagePort): (() => Channel) =>
  channelsBy(port, {
    post: (message) => port.postMessage(message),
    *unheard() {
      for (let said = receiveMessageOnPort(port); said !== undefined; said = receiveMessageOnPort(port))
        yield said.message
    },
  })

export const childChannels = (child: ChildProcess): (() => Channel) =>
  channelsBy(child, {
    post: (message) => {
      // a child that has just died receives nothing: its exit reports the end
      for (const part of sent(message)) if (child.connected) child.send(part, () => undefined)
    },
    reader: receiving,
    unheard: () => [],
  })
