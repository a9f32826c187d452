import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TheirStand } from './theirs.ts'

const SCRIPT = fileURLToPath(new URL('./theirs-once.ts', import.meta.url))

/** Their deployment in a Node process of its own, from its start to its end. */
export function freshProcess(stand: TheirStand): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, JSON.stringify(stand)], { stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`their process ended with ${code}: ${complaint.slice(-2000)}`)),
    )
  })
}
