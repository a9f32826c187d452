import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SupervisorClient } from '../../../../engines/pip/provider/supervisor-client.ts'
import { rules } from '../../../../engines/pip/rules.ts'
import { placeSchema } from '../../../../engines/pip/supervisor/place.ts'
import { type Supervisor, supervise } from '../../../../engines/pip/supervisor/supervise.ts'
import { debianPackages } from '../../../helpers/debian.ts'
import { freePort } from '../../../helpers/free-port.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { QUICK, server, specFor } from '../supervisor/host.ts'

const NAME = 'lab.university.example'
const found = await debianPackages('caddy', ['caddy'], 'usr/bin/caddy')
const why = 'missing' in found ? ` (skipped: ${found.missing})` : ''

describe.skipIf('missing' in found)(`names of their own, by a real Caddy with its own authority${why}`, () => {
  let folder: string
  let admin: string
  let port: number
  let caddy: ChildProcess
  let supervisor: Supervisor
  let client: SupervisorClient

  beforeAll(async () => {
    folder = await tempFolder('caddy')
    admin = `http://127.0.0.1:${await freePort()}`
    port = await freePort()
    caddy = await startCaddy(folder, admin)
    ;[supervisor, client] = await open(join(folder, 'host'))
  })
  afterAll(async () => {
    await supervisor?.close()
    caddy?.kill('SIGTERM')
  })

  async function open(place: string): Promise<[Supervisor, SupervisorClient]> {
    const own = placeSchema.parse({ caddy: { admin, listen: `127.0.0.1:${port}`, internal: true } })
    const opened = await supervise({ folder: place, times: QUICK, place: own })
    return [opened, new SupervisorClient(opened.address)]
  }
  const named = { domains: [NAME], domainsBy: 'caddy' as const }

  it('lead to what runs, with a certificate, and go on leading there over releases', async () => {
    expect(await client.names()).toEqual({ ready: true })
    await client.setProcess(await specFor(server('q.headers["x-forwarded-proto"] + " one"'), named))
    const answer = await waitFor('the name to answer', () => ask(port, NAME))
    expect(answer).toMatchObject({ status: 200, body: 'https one', certifiedFor: [`DNS:${NAME}`] })
    await client.setProcess(await specFor(server('"two"'), named))
    expect((await ask(port, NAME)).body).toBe('two')
  })

  it('leave alone what else Caddy was told, and are there again when it and the supervisor start anew', async () => {
    const foreign = { servers: { theirs: { listen: [`127.0.0.1:${await freePort()}`], routes: [] } } }
    await put(admin, 'apps/http/servers/theirs', foreign.servers.theirs)
    await client.setProcess(await specFor(server('"three"'), named))
    const servers = (await config(admin)).apps.http.servers
    expect(servers).toMatchObject({ theirs: foreign.servers.theirs })
    expect(Object.keys(servers)).toHaveLength(2)
    await supervisor.close()
    caddy.kill('SIGTERM')
    await once(caddy, 'exit')
    caddy = await startCaddy(folder, admin)
    ;[supervisor, client] = await open(join(folder, 'host'))
    await waitFor('the name to answer again', async () => (await ask(port, NAME)).body === 'three')
  })

  it('belong to one process, and go with it', async () => {
    const other = { ...named, name: 'other' }
    await expect(client.setProcess(await specFor(server('"x"'), other))).rejects.toMatchObject({
      code: 'conflict.state',
      message: expect.stringContaining(`${NAME} leads to demo`),
    })
    expect(await client.process('other')).toBeUndefined()
    await client.removeProcess('demo')
    expect((await config(admin)).apps.http.servers).toEqual({})
  })

  it('are refused with what to install where no Caddy is, and nothing is made', async () => {
    caddy.kill('SIGTERM')
    await once(caddy, 'exit')
    expect(await client.names()).toMatchObject({ ready: false })
    await expect(client.setProcess(await specFor(server('"x"'), named))).rejects.toMatchObject({
      hint: expect.stringContaining('apt-get install caddy'),
    })
    expect(await client.processes()).toEqual([])
    const place = { plan: 'own-host', region: 'lab-1', expect: { requests: 0, egressMb: 0 } }
    const asked = { ...(await specFor(server('"x"'))), domains: [NAME] }
    expect(rules['pip:host/process:Process']?.demand(asked, place)).toMatchObject({
      ok: false,
      hint: expect.stringContaining('apt-get install caddy'),
    })
  })
})

async function startCaddy(folder: string, admin: string): Promise<ChildProcess> {
  if ('missing' in found) throw new Error(found.missing)
  const file = join(folder, 'caddy.json')
  const own = {
    admin: { listen: new URL(admin).host },
    storage: { module: 'file_system', root: join(folder, 'store') },
    // Without it the authority would be added to those that this machine trusts.
    apps: { pki: { certificate_authorities: { local: { install_trust: false } } } },
  }
  await writeFile(file, JSON.stringify(own))
  const child = spawn(join(found.folder, 'usr/bin/caddy'), ['run', '--config', file], {
    env: { PATH: '/usr/bin:/bin', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: 'ignore',
  })
  await waitFor('Caddy to answer', async () => (await fetch(`${admin}/config/`)).ok)
  return child
}

async function config(admin: string): Promise<{ apps: { http: { servers: Record<string, unknown> } } }> {
  return (await (await fetch(`${admin}/config/`)).json()) as { apps: { http: { servers: Record<string, unknown> } } }
}

async function put(admin: string, path: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${admin}/config/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}

/** What a visitor of a name gets, whoever signed the certificate. */
async function ask(port: number, name: string): Promise<{ status: number; body: string; certifiedFor: string[] }> {
  const asked = request({
    host: '127.0.0.1',
    port,
    servername: name,
    headers: { host: name },
    rejectUnauthorized: false,
    agent: false,
  })
  asked.end()
  const [answer] = await once(asked, 'response')
  const certificate = (answer.socket as TLSSocket).getPeerCertificate()
  return {
    status: answer.statusCode,
    body: await text(answer),
    certifiedFor: certificate.subjectaltname?.split(', ') ?? [],
  }
}
