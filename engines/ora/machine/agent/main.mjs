// Runs on the machine, started by systemd as an ordinary user. Travels as it is: plain JavaScript without dependencies.
import { startAgent } from './agent.mjs'
import { readMetadata } from './metadata.mjs'

const agent = await startAgent({
  folder: process.env.STATE_DIRECTORY,
  listen: { port: 80, host: '0.0.0.0' },
  metadata: () => readMetadata(fetch, 'http://169.254.169.254/opc/v2/instance/metadata/'),
  fetch,
  version: process.env.PIPI_AGENT,
  // A newer agent is fetched when systemd starts this one again.
  onOutdated: () => process.kill(process.pid, 'SIGTERM'),
})
const LOOK_MS = 5_000
const TICK_MS = 1_000
const looking = setInterval(() => void agent.look(), LOOK_MS)
const ticking = setInterval(() => agent.tick(Date.now()), TICK_MS)
process.once('SIGTERM', () => {
  clearInterval(looking)
  clearInterval(ticking)
  void agent.close().then(() => process.exit(0))
})
void agent.look()
