import { generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../engines/contract/engine.ts'
import type { ApiAnswer, ApiRequest } from '../../engines/contract/watch.ts'
import { TRUSTED_ISSUER } from '../../engines/parts/sandbox/oidc.ts'
import { loadEngine, sandboxModuleOf } from '../../engines/scan.ts'
import type { ApiCall, ApiWorld, SimulatedCloud } from '../../stacks/contract/sandbox.ts'
import { loadCloud } from '../../stacks/sandbox/load-cloud.ts'

const POOL = 'projects/7/locations/global/workloadIdentityPools/pipi/providers/github'
const AUDIENCE = {
  aws: 'sts.amazonaws.com',
  ggc: `https://iam.googleapis.com/${POOL}`,
  azu: 'api://AzureADTokenExchange',
}

let key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
beforeAll(async () => {
  key = (await generateKeyPair('RS256')).privateKey
})

/** An identity token as a forge hands them to its jobs. */
function tokenFor(audience: string, { issuer = TRUSTED_ISSUER, expires = '5m' } = {}): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject('repo:lab/site:ref:refs/heads/main')
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key)
}

interface Platform {
  engine: Engine
  cloud: SimulatedCloud
  /** Straight to the simulated API, as the sandbox does. */
  send(request: ApiRequest): Promise<ApiAnswer>
}

async function platformOf(code: string): Promise<Platform> {
  const engine = await loadEngine(code)
  const cloud = await loadCloud(sandboxModuleOf(engine) ?? '', code)
  const send = async ({ method, url, headers = {}, body }: ApiRequest): Promise<ApiAnswer> => {
    const { host, pathname, searchParams } = new URL(url)
    const call: ApiCall = {
      ...{ method, host, path: pathname, body },
      headers,
      query: Object.fromEntries(searchParams),
    }
    const caller = cloud.callerOf?.(call)
    if (typeof caller !== 'string') return caller as ApiAnswer
    return (await cloud.api?.(call, { cloudAccount: caller } as ApiWorld)) as ApiAnswer
  }
  return { engine, cloud, send }
}

describe.each(['aws', 'ggc', 'azu'] as const)('an identity token at %s', (code) => {
  let at: Platform
  beforeAll(async () => {
    at = await platformOf(code)
  })
  const given = (token: string): Record<string, string> =>
    ({
      aws: { roleArn: 'arn:aws:iam::123456789012:role/pipi', webIdentityToken: token },
      ggc: {
        ...{ workloadIdentityProvider: POOL, oidcToken: token, project: 'lab-site-1' },
        serviceAccount: 'engine@lab-site-1.iam.gserviceaccount.com',
      },
      azu: {
        tenantId: '2c1f6b0e-5f0a-4d1c-9a77-3e0d6a5b4c21',
        clientId: '8d0c7b44-1be2-4f0e-8a3d-6f5e4d3c2b1a',
        subscriptionId: '11111111-2222-4333-8444-555555555555',
        oidcToken: token,
      },
    })[code]
  /** What the provider is configured with, and whose the platform says that it is. */
  async function letIn(token: string): Promise<{ configuration: Record<string, string>; account: string }> {
    const exchanged = (await at.engine.exchange?.({ credentials: given(token), send: at.send })) ?? {}
    const configuration = { ...exchanged, region: at.engine.dna.regions[0] ?? '' }
    return { configuration, account: at.cloud.identify?.(configuration).cloudAccount ?? '' }
  }

  it('is one of the ways of its engine, and lets providers in where it says', async () => {
    const names = at.engine.dna.ways.find((way) => way.name === 'oidc')?.credentials.map((one) => one.config)
    const token = await tokenFor(AUDIENCE[code])
    expect(names?.sort()).toEqual(Object.keys(given(token)).sort())
    const { configuration, account } = await letIn(token)
    if (code === 'aws')
      expect([account, configuration.accessKey]).toEqual(['123456789012', expect.stringMatching(/^ASIA/)])
    if (code === 'azu') expect(account).toBe('11111111-2222-4333-8444-555555555555')
    if (code === 'ggc') expect(account).toMatch(/^[0-9A-F]{6}(-[0-9A-F]{6}){2}$/)
    // What was exchanged is all that a provider gets: the token stays with us.
    if (code !== 'azu') expect(Object.values(configuration)).not.toContain(token)
  })

  it.each([
    ['is for somebody else', () => tokenFor('https://example.org')],
    ['comes from an issuer that is not trusted', () => tokenFor(AUDIENCE[code], { issuer: 'https://example.org' })],
    ['has expired', () => tokenFor(AUDIENCE[code], { expires: '-1m' })],
    ['is none', async () => 'hello'],
  ])('lets nobody in where it %s', async (_, make) => {
    const token = await make()
    const failure = await letIn(token).then(
      () => undefined,
      (error: Error) => error.message,
    )
    expect(failure).toMatch(/trusted|not for|expired|no signed JWT/)
    if (token.includes('.')) expect(failure).not.toContain(token)
  })
})

describe('what the exchange is for', () => {
  it('signs what AWS is asked, with the session of the role', async () => {
    const { engine, send } = await platformOf('aws')
    const roleArn = 'arn:aws:iam::123456789012:role/pipi'
    const credentials =
      (await engine.exchange?.({ credentials: { roleArn, webIdentityToken: await tokenFor(AUDIENCE.aws) }, send })) ??
      {}
    const prove = (await engine.watch.authenticate?.())?.({ credentials, send })
    const url = 'https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15'
    const headers = (await prove?.({ method: 'GET', url, headers: {}, body: undefined })) ?? {}
    const { status, body } = await send({ method: 'GET', url, headers })
    expect(status).toBe(200)
    expect(JSON.stringify(body)).toContain('arn:aws:sts::123456789012:assumed-role/pipi/pipi-engine')
  })

  it('is the token that Google is asked with', async () => {
    const { engine } = await platformOf('ggc')
    const prove = (await engine.watch.authenticate?.())?.({
      credentials: { accessToken: 'of-an-hour' },
      send: async () => ({ status: 500, body: {} }),
    })
    expect(await prove?.({ method: 'GET', url: 'https://x', headers: {}, body: undefined })).toEqual({
      authorization: 'Bearer of-an-hour',
    })
  })

  it('follows no document that says where to look for a token, or what to run for one', async () => {
    const { engine, send } = await platformOf('ggc')
    const document = { type: 'external_account', credential_source: { executable: { command: '/bin/sh' } } }
    const asked = engine.exchange?.({ credentials: { credentials: JSON.stringify(document), project: 'lab' }, send })
    await expect(asked).rejects.toMatchObject({ code: 'input.invalid' })
  })

  describe('with the key of a Google service account', () => {
    const key = {
      ...{ type: 'service_account', project_id: 'lab-site-1', private_key_id: 'k1', private_key: 'PRIVATE-canary' },
      ...{ client_email: 'engine@lab-site-1.iam.gserviceaccount.com', client_id: '7' },
    }
    const handOn = async (more: Record<string, unknown>) => {
      const { engine, send } = await platformOf('ggc')
      const credentials = { credentials: JSON.stringify({ ...key, ...more }), project: 'lab-site-1' }
      const given = (await engine.exchange?.({ credentials, send })) ?? {}
      return { ...given, credentials: JSON.parse(given.credentials ?? '') as unknown }
    }
    const google = { token_uri: 'https://oauth2.googleapis.com/token', universe_domain: 'googleapis.com' }

    it('hands on what makes it one, and no other word of it', async () => {
      const beside = { credential_source: { executable: { command: '/bin/sh' } }, auth_uri: 'http://169.254.169.254/' }
      expect(await handOn(beside)).toEqual({ credentials: { ...key, ...google }, project: 'lab-site-1' })
      const before = 'https://accounts.google.com/o/oauth2/token'
      expect((await handOn({ token_uri: before })).credentials).toEqual({ ...key, ...google, token_uri: before })
    })

    it.each([
      ['token_uri', 'http://169.254.169.254/token'],
      ['token_uri', 'https://oauth2.googleapis.com.example.org/token'],
      ['token_uri', ''],
      ['token_uri', { url: google.token_uri }],
      ['universe_domain', 'example.org'],
      ['universe_domain', 'googleapis.com.example.org'],
    ])('asks nobody but Google for its tokens: %s %j is refused', async (name, value) => {
      const error = await handOn({ [name]: value }).catch((it: unknown) => it)
      expect(error).toMatchObject({ code: 'input.invalid' })
      expect(String((error as Error).message)).not.toContain('PRIVATE-canary')
    })
  })
})
