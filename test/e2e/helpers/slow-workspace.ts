import { once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { tempFolder } from '../../helpers/temp.ts'
import { ROOT } from './pipi.ts'

/** A workspace whose build goes on when it is told to. A build sees no file of this host, so it asks at a port. */
export async function slowWorkspace(): Promise<{ folder: string; letGo: () => Promise<void> }> {
  const folder = await tempFolder('slow')
  await cp(join(ROOT, 'examples/research-site'), folder, { recursive: true })
  const { promise: open, resolve: letGo } = Promise.withResolvers<void>()
  const gate = createServer((_, response) => void open.then(() => response.end()))
  gate.listen(0, '127.0.0.1').unref()
  await once(gate, 'listening')
  const wait = `await fetch('http://127.0.0.1:${(gate.address() as AddressInfo).port}')`
  await writeFile(join(folder, 'wait.mjs'), `${wait}\n`)
  const file = join(folder, 'workspace.yaml')
  const command = 'node wait.mjs; node site/build.mjs'
  await writeFile(file, (await readFile(file, 'utf8')).replace(/command: .*/, `command: ${JSON.stringify(command)}`))
  return { folder, letGo: async () => letGo() }
}
