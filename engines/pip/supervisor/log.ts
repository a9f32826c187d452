import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { LOG_MIB } from './spec.ts'

const KEPT_LINES = 40
const KEPT_BYTES = 16 * 1024
/** One file is written, the one before it is kept. */
const FILE_BYTES = (LOG_MIB * 1024 ** 2) / 2

export interface Voice {
  /** Writes a stream to the log until it ends; slow disks slow the writer, nothing is gathered in memory. */
  follow(stream: Readable): Promise<void>
  lastLines(): string[]
}

export interface ProcessLog {
  /** What one run of the process says; its last lines are its own. */
  voice(): Voice
  note(text: string): Promise<void>
  lastLines(): string[]
  remove(): Promise<void>
}

/** A log file of one process, with one older file beside it. */
export async function openLog(path: string): Promise<ProcessLog> {
  await mkdir(dirname(path), { recursive: true })
  let size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  let tail = ''
  let turn: Promise<unknown> = Promise.resolve()
  const write = (text: string): Promise<void> => {
    tail = (tail + text).slice(-KEPT_BYTES)
    const written = turn.then(async () => {
      if (size > FILE_BYTES) {
        await rename(path, `${path}.1`)
        size = 0
      }
      const file = await open(path, 'a', 0o600)
      await file.write(text).finally(() => file.close())
      size += Buffer.byteLength(text)
    })
    // A log that cannot be written (disk full) must not end the process it tells of; the tail is still kept.
    turn = written.catch(() => undefined)
    return written.catch(() => undefined)
  }
  return {
    voice() {
      let said = ''
      return {
        async follow(stream) {
          stream.setEncoding('utf8')
          for await (const text of stream) {
            said = (said + text).slice(-KEPT_BYTES)
            await write(text as string)
          }
        },
        lastLines: () => linesOf(said),
      }
    },
    note: (text) => write(`[pipi ${new Date().toISOString()}] ${text}\n`),
    lastLines: () => linesOf(tail),
    async remove() {
      await turn
      await rm(path, { force: true })
      await rm(`${path}.1`, { force: true })
    },
  }
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-KEPT_LINES)
}
