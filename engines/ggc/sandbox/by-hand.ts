import type { Json, World } from '../../../stacks/contract/sandbox.ts'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { section, text } from './values.ts'

/** The console keeps the source in a bucket of its own, which it makes in the function's region. */
export async function byHand(inputs: Json, world: World): Promise<Json> {
  const location = text(inputs, 'location') ?? (world.region === '' ? 'us-central1' : world.region)
  const code = "exports.handle = (request, response) => response.send('Hello World!')\n"
  const zip = await writeZip([
    { path: 'index.js', bytes: Buffer.from(code) },
    { path: 'package.json', bytes: Buffer.from('{"main":"index.js"}') },
  ])
  return {
    name: `function-${world.hex(4)}`,
    location,
    ...inputs,
    buildConfig: { runtime: 'nodejs22', entryPoint: 'handle', ...section(inputs, 'buildConfig') },
    serviceConfig: { maxInstanceCount: 100, minInstanceCount: 0, ...section(inputs, 'serviceConfig') },
    byHand: { kept: await world.keep(zip), size: zip.byteLength },
  }
}
