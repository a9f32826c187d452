import { PipiError } from '../../catalog/errors.ts'

/** What is configured once in its life, and costs seconds to start. */
interface Startable {
  close(): Promise<void>
}

export interface Pool<T> {
  /**
   * One that nobody has used with another key; the same for the same key, also by several at once. `lasting: false`: the
   * key will not come again, and it ends with its last user. Throws `platform.busy` once the pool is closed.
   */
  take(key: string, options?: { lasting?: boolean }): Promise<{ one: T; release(): void }>
  close(): Promise<void>
}

interface Held<T> {
  one: Promise<T>
  users: number
}

/**
 * A pool of processes that keep one configuration each. One is started at once for whoever comes first, so that the first
 * deployment does not wait for it; no other one waits unused, as each holds much memory. Of those that nobody uses the
 * last `mostIdle` stay warm.
 */
export async function openPool<T extends Startable>(start: () => Promise<T>, mostIdle = 2): Promise<Pool<T>> {
  // In the order of their last use.
  const held = new Map<string, Held<T>>()
  let spare: T | undefined = await start()
  const ending = new Set<Promise<void>>()
  let closed = false

  const end = (one: Promise<T>): void => {
    const ended: Promise<void> = one
      .then((it) => it.close())
      .catch(() => undefined)
      .finally(() => ending.delete(ended))
    ending.add(ended)
  }
  const prune = (): void => {
    const idle = [...held].filter(([, { users }]) => users === 0)
    for (const [key, { one }] of idle.slice(0, Math.max(0, idle.length - mostIdle))) {
      held.delete(key)
      end(one)
    }
  }
  const begin = (key: string): Held<T> => {
    const fresh = spare === undefined ? start() : Promise.resolve(spare)
    spare = undefined
    const made: Held<T> = { one: fresh, users: 0 }
    held.set(key, made)
    // What did not start is tried anew by whoever comes next.
    fresh.catch(() => {
      if (held.get(key) === made) held.delete(key)
    })
    return made
  }

  return {
    async take(key, { lasting = true } = {}) {
      if (closed) throw new PipiError('platform.busy', 'the engine is ending', { hint: 'try again in a moment' })
      const mine = held.get(key) ?? begin(key)
      mine.users += 1
      held.delete(key)
      held.set(key, mine)
      const one = await mine.one
      let done = false
      return {
        one,
        release() {
          if (done) return
          done = true
          mine.users -= 1
          if (!lasting && mine.users === 0 && held.get(key) === mine) {
            held.delete(key)
            end(mine.one)
          }
          prune()
        },
      }
    },
    async close() {
      closed = true
      for (const { one } of held.values()) end(one)
      held.clear()
      if (spare !== undefined) end(Promise.resolve(spare))
      await Promise.all(ending)
    },
  }
}
