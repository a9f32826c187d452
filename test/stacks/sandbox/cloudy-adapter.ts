import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HandlerRequest, HandlerResponse, Json } from '../../../stacks/contract/sandbox.ts'

/** Loads `main.mjs` of the artifact, whose default export takes a request and gives a text. */
export default async function adapter(
  folder: string,
  options: Json,
): Promise<(request: HandlerRequest) => Promise<HandlerResponse>> {
  const module = await import(pathToFileURL(join(folder, String(options.entry))).href)
  return async (request) => ({
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from(await module.default(request)),
  })
}
