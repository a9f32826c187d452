import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findProcess } from '../process/list.ts'

const LOOK_MS = 100

/**
 * Does something that only one of this machine's engines may do at a time. Whoever else wants to, waits, until its
 * `signal`. A lock whose holder has died is taken over.
 * @param file what stands for the right to do it, in a folder that only engines write to
 */
export async function withLock<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const ours = `${process.pid} ${(await findProcess(process.pid))?.started ?? ''} ${randomUUID()}`
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, ours)
  try {
    while (!(await take(draft, file))) {
      const holder = await readFile(file, 'utf8').catch(() => undefined)
      if (holder !== undefined && !(await lives(holder))) await breakLock(file, holder)
      else await delay(LOOK_MS, undefined, { signal })
    }
  } finally {
    await rm(draft, { force: true })
  }
  try {
    return await work()
  } finally {
    if ((await readFile(file, 'utf8').catch(() => undefined)) === ours) await rm(file, { force: true })
  }
}

function take(draft: string, file: string): Promise<boolean> {
  return link(draft, file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

async function lives(holder: string): Promise<boolean> {
  const [pid, started] = holder.split(' ')
  const running = await findProcess(Number(pid))
  return running !== undefined && running.started === started
}

/** Only one who looks at the same dead holder takes the lock away: a new one that came meanwhile is put back. */
async function breakLock(file: string, holder: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  await rename(file, aside).catch(() => undefined)
  if ((await readFile(aside, 'utf8').catch(() => holder)) !== holder) await take(aside, file)
  await rm(aside, { force: true })
}
