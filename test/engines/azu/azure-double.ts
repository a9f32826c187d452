import { unzip } from './unzip.ts'

interface App {
  settings: Record<string, string>
  files: Record<string, string>
  deployments: { message: string; status: number; status_text?: string }[]
}
interface Site {
  settings: Record<string, string>
  app: Record<string, string>
  api: Record<string, string>
}

/** As much of Azure's HTTP services as our provider talks to: each host asks for its own proof. */
export class AzureDouble {
  readonly sites = new Map<string, Site>()
  readonly apps = new Map<string, App>()
  readonly calls: { method: string; url: URL; authorization: string }[] = []
  /** So many of the next calls are answered 503. */
  busy = 0
  /** How the next distribution or deployment ends, other than well. */
  refuses: string | undefined
  readonly #uploads = new Map<string, { kind: string; bytes: Buffer }>()
  #looks = 0

  readonly send = async (address: string, request: RequestInit): Promise<Response> => {
    const url = new URL(address)
    const { method = 'GET' } = request
    const authorization = new Headers(request.headers).get('authorization') ?? ''
    this.calls.push({ method, url, authorization })
    if (this.busy > 0) {
      this.busy -= 1
      return new Response('busy', { status: 503 })
    }
    const body = Buffer.from(await new Request(address, { ...request, signal: null }).arrayBuffer())
    if (url.hostname === 'login.microsoftonline.com') return this.#token(body)
    if (url.hostname === 'blobs.example') return this.#put(url, body)
    if (url.hostname.startsWith('content-')) return this.#content(url, authorization, JSON.parse(body.toString()))
    if (authorization !== 'Bearer arm') return json(401, { error: { code: 'Unauthorized', message: 'who?' } })
    if (url.hostname.includes('.scm.')) return this.#scm(url, method, body)
    return this.#arm(url, method, body.length === 0 ? undefined : JSON.parse(body.toString()))
  }

  #token(body: Buffer): Response {
    const form = new URLSearchParams(body.toString())
    if (form.get('client_secret') !== 'right') return json(401, { error: 'invalid_client' })
    return json(200, { access_token: 'arm', expires_in: 3600 })
  }

  #arm(url: URL, method: string, body: { properties: Record<string, string> } | undefined): Response {
    const [, kind = '', name = '', verb = ''] =
      /\/providers\/Microsoft\.\w+\/(\w+)\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? []
    const site = (kind === 'staticSites' ? this.sites : this.apps).get(name)
    if (kind === 'databaseAccounts') {
      if (verb === 'listKeys') return json(200, { primaryMasterKey: `key of ${name}` })
      return json(200, { properties: { documentEndpoint: `https://${name}.example/` } })
    }
    if (site === undefined) return json(404, { error: { code: 'ResourceNotFound', message: name } })
    switch (`${method} ${verb}`) {
      case 'GET ':
        return json(200, {
          properties: {
            defaultHostname: `${name}.static.example`,
            contentDistributionEndpoint: 'https://content-am2.infrastructure.1.azurestaticapps.net',
            defaultHostName: `${name}.example`,
            hostNameSslStates: [
              { name: `${name}.example`, hostType: 'Standard' },
              { name: `${name}.scm.example`, hostType: 'Repository' },
            ],
          },
        })
      case 'POST listSecrets':
        return json(200, { properties: { apiKey: tokenOf(name) } })
      case 'PUT config/appsettings':
        site.settings = body?.properties ?? {}
        return json(200, { properties: site.settings })
      case 'POST config/appsettings/list':
      case 'POST listAppSettings':
        return json(200, { properties: site.settings })
      default:
        return json(405, {})
    }
  }

  #content(url: URL, authorization: string, body: Record<string, Record<string, unknown>>): Response {
    const name = [...this.sites.keys()].find((one) => authorization === `token ${tokenOf(one)}`)
    const said = (response: unknown) => json(200, { isSuccessStatusCode: true, statusCode: 200, response })
    if (name === undefined) return json(200, { isSuccessStatusCode: false, statusCode: 401, errorMessage: 'no key' })
    const site = this.sites.get(name) as Site
    switch (url.pathname) {
      case '/api/upload/validateapitoken':
        return said({ siteUrl: `${name}.static.example` })
      case '/api/upload/request': {
        const api = body.UploadInfo?.HasFunctions === true ? `https://blobs.example/${name}/api` : null
        return said({
          packageUris: { app: `https://blobs.example/${name}/app`, api },
          pollingInfo: { defaultHostname: name, stageSiteIdentifier: 'production', version: '7' },
        })
      }
      case '/api/upload/updatestatus':
        if (body.UploadInfo?.Status !== 'Succeeded' || body.PollingInfo?.version !== '7') return json(400, {})
        return said(null)
      default: {
        this.#looks += 1
        if (this.#looks % 2 === 1) return said({ deploymentStatus: 'InProgress' })
        if (this.refuses !== undefined) return said({ deploymentStatus: 'Failed', errorDetails: this.refuses })
        for (const part of ['app', 'api'] as const) {
          const upload = this.#uploads.get(`/${name}/${part}`)
          site[part] = upload === undefined ? {} : unzip(upload.bytes)
        }
        return said({ deploymentStatus: 'Succeeded' })
      }
    }
  }

  #put(url: URL, bytes: Buffer): Response {
    this.#uploads.set(url.pathname, { kind: 'blob', bytes })
    return new Response(null, { status: 201 })
  }

  #scm(url: URL, method: string, body: Buffer): Response {
    const app = this.apps.get(url.hostname.split('.')[0] ?? '') as App
    if (method === 'POST') {
      const message = url.searchParams.get('message') ?? ''
      const refused = this.refuses === undefined ? {} : { status: 3, status_text: this.refuses }
      app.deployments.unshift({ message, status: 1 })
      Object.assign(app, { next: { message, status: 4, ...refused }, zip: body })
      return new Response(null, { status: 202 })
    }
    const [latest] = app.deployments
    const { next, zip } = app as App & { next?: App['deployments'][number]; zip?: Buffer }
    if (next !== undefined && latest !== undefined) {
      app.deployments[0] = next
      if (next.status === 4 && zip !== undefined) app.files = unzip(zip)
      Object.assign(app, { next: undefined })
    }
    return latest === undefined ? json(404, {}) : json(200, { ...latest, id: '1', complete: latest.status > 2 })
  }
}

/** The sixty-fifth character on is the number of the slice. */
function tokenOf(name: string): string {
  return `${'0'.repeat(64 - name.length)}${name}1-11111111-1111-1111-1111-111111111111003`
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status })
}
