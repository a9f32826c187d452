import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'

const holderSchema = z.object({ pid: z.int().positive(), started: z.string() })
type Holder = z.infer<typeof holderSchema>

/**
 * Makes this process the only platform on a data folder. A lock left by a process that is gone (killed, or before a
 * reboot) is taken over. Throws `conflict.state` when a living platform holds it.
 * @returns gives the lock back
 */
export async function lockData(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'lock')
  const mine: Holder = { pid: process.pid, started: await startOf(process.pid) }
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 200; attempt++) {
      // Linking fails when the name is taken: of several that try, one wins.
      if (await linked(draft, file)) return () => rm(file, { force: true })
      const holder = await holderOf(file)
      if (holder !== undefined && (await lives(holder))) {
        throw new PipiError('conflict.state', `another platform (process ${holder.pid}) serves ${folder}`, {
          hint: 'use that one, stop it first, or give another folder with --data',
        })
      }
      if (!(await takeAway(file, draft))) await pause(5)
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new PipiError('conflict.state', `the lock of ${folder} changes hands all the time`, {
    hint: `several platforms start there at once: start one; if none does, remove ${file}`,
  })
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Removes a dead holder's lock. One starter at a time, and after another look: two that saw the same dead holder would
 * else remove the lock that the first of them has just taken. Returns false when another has the turn.
 */
async function takeAway(file: string, draft: string): Promise<boolean> {
  const turn = `${file}.turn`
  if (!(await linked(draft, turn))) {
    const holder = await holderOf(turn)
    if (holder !== undefined && !(await lives(holder))) await rm(turn, { force: true })
    return false
  }
  try {
    const held = await readFile(file, 'utf8').catch(() => undefined)
    const holder = parse(held)
    if (held !== undefined && (holder === undefined || !(await lives(holder)))) await rm(file, { force: true })
    return true
  } finally {
    await rm(turn, { force: true })
  }
}

async function holderOf(file: string): Promise<Holder | undefined> {
  return parse(await readFile(file, 'utf8').catch(() => undefined))
}

function parse(text: string | undefined): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text ?? ''))
  } catch {
    // Half written by a crash: nobody's.
    return undefined
  }
}

async function lives(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives, as another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const started = await startOf(holder.pid)
  if (started === ENDED) return false
  return started === '' || holder.started === '' || started === holder.started
}

/** What a zombie says: it has ended, and only nobody has taken notice yet. */
const ENDED = 'ended'

/** When a process began, in the kernel's own words, so that a pid used again is not mistaken. Empty where /proc is not. */
async function startOf(pid: number): Promise<string> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ])
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return ENDED
  return fields[19] === undefined ? '' : `${fields[19]}@${boot.trim()}`
}
