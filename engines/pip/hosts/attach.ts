import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { identityFile } from '../supervisor/identity.ts'
import { runningSupervisor } from './far/running.ts'

/**
 * The companion of a host whose supervisor is a service of its own: says where that answers, and stays as long as the
 * platform does. Whoever asks a supervisor that is being started again waits for it.
 */
const folder = process.argv[2] ?? ''
const patience = performance.now() + 20_000
let running = await runningSupervisor(folder)
while (running === undefined && performance.now() < patience) {
  await delay(100)
  running = await runningSupervisor(folder)
}
if (running === undefined) {
  console.error('The supervisor that was installed here does not answer: see systemctl status "pipi-supervisor-*".')
  process.exit(1)
}
process.on('SIGTERM', () => process.exit(0))
process.stdin.once('close', () => process.exit(0)).resume()
const address = `http://127.0.0.1:${running.port}/#${pathToFileURL(identityFile(folder)).pathname}`
console.log(JSON.stringify({ ready: true, address }))
