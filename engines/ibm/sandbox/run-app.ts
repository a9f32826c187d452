import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '../../../stacks/contract/sandbox.ts'
import runImage from '../../parts/sandbox/run-image.ts'
import type { Handle } from '../../parts/sandbox/serve-process.ts'
import { openInside } from './runtime-inside.ts'

/** An app of Code Engine: its image, from which IBM's addresses lead to the simulated ones. */
export default async function runApp(folder: string, options: Json): Promise<Handle> {
  if (typeof options.api !== 'string') return runImage(folder, options)
  // The process' own, which goes with it.
  const trusted = join(tmpdir(), 'trusted')
  await openInside({ api: options.api, folder: trusted })
  return runImage(folder, options, [trusted])
}
