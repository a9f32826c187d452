// Runs the job in app/ once per call, each time from its beginning. Travels into functions as it is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

/** The answer comes when the module has ended: 200, or 500 with what was wrong. */
export async function answer() {
  try {
    await run()
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('done\n') }
  } catch (error) {
    console.error(error)
    return { status: 500, headers: { 'content-type': 'text/plain' }, body: Buffer.from('failed\n') }
  }
}

/** In a thread, not a process: two copies of Node do not fit the smallest memory. It may end itself as a process would. */
function run() {
  const { main } = JSON.parse(readFileSync(join(import.meta.dirname, 'pipi.json'), 'utf8'))
  const folder = join(import.meta.dirname, 'app')
  process.chdir(folder)
  return new Promise((resolve, reject) => {
    const job = new Worker(pathToFileURL(join(folder, main)))
    job.once('error', reject)
    job.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the job ended with code ${code}`))))
  })
}
