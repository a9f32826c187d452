import type { Room } from './spec.ts'

/** MiB of a new cluster before anybody has put something into it, its log files, and what is written ahead of the tables. */
export const BESIDE_MIB = 96

/** MiB beyond the size, from which on nothing is written; and as much again, from which on nobody is let in. */
export function slackMib(size: number): number {
  return Math.max(16, Math.ceil(size / 10))
}

/** MiB of disk for a database of a size: all that can be on it when it is shut. */
export function diskMib(size: number): number {
  return size + 2 * slackMib(size) + BESIDE_MIB
}

/** What a database that holds so many MiB may still do. Once it was full, it is free again when what it holds fits. */
export function roomOf(held: number, size: number): Room {
  const over = held - size
  if (over <= 0) return 'free'
  const slack = slackMib(size)
  if (over <= slack) return 'full'
  return over <= 2 * slack ? 'read-only' : 'shut'
}

/** In words, for people; undefined: there is room. */
export function roomTold(room: Room, held: number, size: number): string | undefined {
  const passed = `It holds ${held} MiB, granted are ${size}`
  switch (room) {
    case 'free':
      return undefined
    case 'full':
      return `${passed}: soon nothing will be written any more.`
    case 'read-only':
      return `${passed}: it is read only. Remove data in a session with "set default_transaction_read_only = off", then "vacuum full"; or give it a larger sizeMb.`
    case 'shut':
      return `${passed}, and it went on growing: nobody is let in until it gets a larger sizeMb.`
  }
}
