import type { Json } from '../../../stacks/contract/sandbox.ts'
import runImage from '../../parts/sandbox/run-image.ts'
import type { Handle } from '../../parts/sandbox/serve-process.ts'
import { openInside } from './runtime-inside.ts'

/** A container of Cloud Run: its image, with what Google's SDKs find around it. */
export default async function runService(folder: string, options: Json): Promise<Handle> {
  if (typeof options.api === 'string')
    await openInside({ api: options.api, email: String(options.email), project: String(options.project) })
  return runImage(folder, options)
}
