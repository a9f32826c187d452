import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { LOG_MIB } from './spec.ts'

const KEPT_LINES = 40
const KEPT_BYTES = 16 * 1024
/** The one that is written, and those before it: `.1` is the newest of them. */
const FILES = 4
const FILE_BYTES = (LOG_MIB * 1024 ** 2) / FILES
/** A line that is longer is written in pieces. */
const LINE_BYTES = 64 * 1024

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

/** The log of one process: a few files of a bounded size. Lines are written whole, one after another, and none is lost between two files. */
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
      const bytes = Buffer.byteLength(text)
      if (size > 0 && size + bytes > FILE_BYTES) {
        await rotate(path)
        size = 0
      }
      const file = await open(path, 'a', 0o600)
      await file.writeFile(text).finally(() => file.close())
      size += bytes
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
          for await (const lines of wholeLines(stream)) {
            said = (said + lines).slice(-KEPT_BYTES)
            await write(lines)
          }
        },
        lastLines: () => linesOf(said),
      }
    },
    note: (text) => write(`[pipi ${new Date().toISOString()}] ${text}\n`),
    lastLines: () => linesOf(tail),
    async remove() {
      await turn
      for (let index = 0; index < FILES; index += 1) await rm(nameOf(path, index), { force: true })
    },
  }
}

/** The oldest goes, each other one becomes one older. Killed in between, a number is missing and no line. */
async function rotate(path: string): Promise<void> {
  for (let index = FILES - 2; index >= 0; index -= 1) {
    await rename(nameOf(path, index), nameOf(path, index + 1)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
}

function nameOf(path: string, index: number): string {
  return index === 0 ? path : `${path}.${index}`
}

/** Two streams share a file: what one has begun to say must not be cut by the other. */
async function* wholeLines(stream: Readable): AsyncGenerator<string> {
  let begun = ''
  stream.setEncoding('utf8')
  for await (const text of stream) {
    begun += text as string
    const end = begun.lastIndexOf('\n') + 1
    if (end > 0) yield begun.slice(0, end)
    begun = begun.slice(end)
    if (begun.length > LINE_BYTES) {
      yield `${begun}\n`
      begun = ''
    }
  }
  if (begun !== '') yield `${begun}\n`
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-KEPT_LINES)
}
