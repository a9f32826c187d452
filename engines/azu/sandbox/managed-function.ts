import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HandlerRequest, HandlerResponse } from '../../../stacks/contract/sandbox.ts'

interface Answered {
  status?: number
  headers?: Record<string, string>
  cookies?: { name: string; value: string; path?: string; httpOnly?: boolean }[]
  body?: Uint8Array | string
}
type FunctionHandler = (context: { res?: Answered }, request: Record<string, unknown>) => Promise<void>

/** The managed functions of a Static Web App: the route of its configuration names one, and the host calls it. */
export default async function managedFunction(
  folder: string,
): Promise<(request: HandlerRequest) => Promise<HandlerResponse>> {
  const json = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8')) as Record<string, unknown>
  const { routes } = (await json('app/staticwebapp.config.json')) as { routes: { route: string; rewrite: string }[] }
  const name = routes.find((one) => one.route === '/*')?.rewrite.replace('/api/', '') ?? ''
  const { scriptFile } = await json(`api/${name}/function.json`)
  const script = join(folder, 'api', name, String(scriptFile))
  const { default: handler } = (await import(pathToFileURL(script).href)) as { default: FunctionHandler }
  return async ({ method, path, query, headers, body }) => {
    const host = headers.host ?? 'localhost'
    const context: { res?: Answered } = {}
    const bytes = Buffer.from(body)
    await handler(context, {
      method,
      url: `http://${host}/api/${name}`,
      headers: { ...headers, 'x-ms-original-url': `http://${host}${path}${query === '' ? '' : `?${query}`}` },
      ...(bytes.length === 0 ? {} : { bufferBody: bytes, rawBody: bytes.toString('utf8') }),
    })
    const { status = 200, headers: given = {}, cookies = [], body: answered = '' } = context.res ?? {}
    return {
      status,
      headers: { ...given, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies.map(lineOf) }) },
      body: Buffer.from(answered),
    }
  }
}

function lineOf({ name, value, path, httpOnly }: NonNullable<Answered['cookies']>[number]): string {
  return `${name}=${value}${path === undefined ? '' : `; Path=${path}`}${httpOnly === true ? '; HttpOnly' : ''}`
}
