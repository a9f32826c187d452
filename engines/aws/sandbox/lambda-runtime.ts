import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HandlerRequest, HandlerResponse, Json } from '../../../stacks/contract/sandbox.ts'

interface FunctionUrlResult {
  statusCode?: number
  headers?: Record<string, string>
  cookies?: string[]
  body?: string
  isBase64Encoded?: boolean
}

type Handler = (event: Json, context: Json) => Promise<unknown>

/** Lambda's Node runtime behind a function URL: HTTP becomes an event of format 2.0, the result becomes HTTP. */
export default async function lambdaRuntime(
  folder: string,
  options: Json,
): Promise<(request: HandlerRequest) => Promise<HandlerResponse>> {
  const handler = await load(folder, String(options.handler ?? 'index.handler'))
  let count = 0
  if (typeof options.api === 'string') {
    const host = `dynamodb.${String(options.region)}.amazonaws.com`
    // The SDKs of AWS look here for where a service is.
    process.env.AWS_ENDPOINT_URL_DYNAMODB = `${options.api}/api/aws/_/${host}`
  }
  return async (request) => {
    if (request.method === 'EVENT') return called(handler, request, ++count)
    const event = eventOf(request, options, ++count)
    return responseOf(
      await handler(event, { awsRequestId: String(count), functionName: process.env.AWS_LAMBDA_FUNCTION_NAME }),
    )
  }
}

/** A call of another service: what goes wrong is the function's error, and nobody reads its result. */
async function called(handler: Handler, request: HandlerRequest, count: number): Promise<HandlerResponse> {
  const event = JSON.parse(Buffer.from(request.body).toString('utf8')) as Json
  await handler(event, { awsRequestId: String(count), functionName: process.env.AWS_LAMBDA_FUNCTION_NAME })
  return { status: 202, headers: {}, body: new Uint8Array() }
}

async function load(folder: string, name: string): Promise<Handler> {
  const dot = name.lastIndexOf('.')
  const base = name.slice(0, dot)
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(folder, base + end)).find((path) => existsSync(path))
  if (file === undefined) throw new Error(`Runtime.ImportModuleError: Error: Cannot find module '${base}'`)
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  const handler = module[name.slice(dot + 1)]
  if (typeof handler !== 'function') throw new Error(`Runtime.HandlerNotFound: ${name} is undefined or not exported`)
  return handler as Handler
}

function eventOf(request: HandlerRequest, options: Json, count: number): Json {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const { cookie, ...rest } = headers
  const empty = request.body.length === 0
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: rest,
    requestContext: {
      accountId: options.account,
      apiId: 'sandbox',
      domainName: headers.host ?? `sandbox.lambda-url.${String(options.region)}.on.aws`,
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: String(count),
      routeKey: '$default',
      stage: '$default',
      timeEpoch: Date.now(),
    },
    ...(empty ? {} : { body: Buffer.from(request.body).toString('base64') }),
    isBase64Encoded: !empty,
  }
}

function responseOf(result: unknown): HandlerResponse {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result ?? null)
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) }
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as FunctionUrlResult
  return {
    status: statusCode ?? 200,
    headers: {
      'content-type': 'application/json',
      ...headers,
      ...(cookies === undefined ? {} : { 'set-cookie': cookies }),
    },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  }
}
