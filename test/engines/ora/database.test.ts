import { describe, expect, it, onTestFinished } from 'vitest'
import { componentSchema } from '../../../engines/contract/component.ts'
import { documentsUrl, driverUrl } from '../../../engines/ora/database/address.ts'
import cloudModule from '../../../engines/ora/sandbox/resources.ts'
import { declareByType } from '../../../engines/parts/declare/by-type.ts'
import { TAG } from '../../../stacks/guard/tag.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { demandOf } from '../demand/expected.ts'
import { account, charged, stored, typeOf, worldWith } from '../stored.ts'
import { component, packed, useCloud } from '../use-cloud.ts'
import { railsContext } from '../walls.ts'
import { watchContext } from '../watching.ts'

const cloud = useCloud('ora')
const AUTONOMOUS = 'oci:Database/autonomousDatabase:AutonomousDatabase'

/** Writes a note among the documents, and reads all there are; and tells what it was given for tables. */
const NOTES = (version: string) => ({
  'package.json': '{"type":"module"}',
  'index.js': `const login = 'Basic ' + Buffer.from('ADMIN:' + process.env.NOTES_PASSWORD).toString('base64')
    const ask = (path, method = 'GET', body) => fetch(process.env.NOTES_URL + path, {
      method, headers: { authorization: login, 'content-type': 'application/json' }, ...(body && { body: JSON.stringify(body) }),
    })
    export default async (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/tables') return Response.json([process.env.TABLES_URL, process.env.TABLES_PASSWORD])
      const made = await ask('notes', 'PUT')
      if (!made.ok) return new Response((await made.json()).title)
      if (request.method === 'POST') await ask('notes', 'POST', { text: await request.text() })
      const { items } = await (await ask('notes')).json()
      return new Response('${version} ' + items.map((one) => one.value.text))
    }`,
})

describe('a database on ora', () => {
  it('is a free one for documents and one for tables, which the workspace’s own network alone is let into', async () => {
    const parts = [
      {
        component: component({ kind: 'database', name: 'notes', model: 'document' }),
        artifact: { travels: 'nothing' } as const,
      },
      {
        component: component({ kind: 'database', name: 'tables', model: 'relational' }),
        artifact: { travels: 'nothing' } as const,
      },
      await packed(cloud.engine, component({ kind: 'function', name: 'api', uses: ['notes', 'tables'] }), NOTES('one')),
    ]
    const attached = await cloud.open(parts)
    const { outputs } = await attached.stack.up()
    const url = String(outputs.api?.value.url)
    expect(await (await fetch(url, { method: 'POST', body: 'first' })).text()).toBe('one first')
    const [driver, password] = (await (await fetch(`${url}tables`)).json()) as string[]
    expect(driver).toMatch(/^tcps:\/\/adb\.us-ashburn-1\.oraclecloud\.com:1521\/\w+_low\.adb\.oraclecloud\.com$/)
    expect(password).toMatch(/^Aa1-[\w-]{24}$/)
    const databases = (await cloud.inventory()).filter(({ type }) => type === AUTONOMOUS)
    const [network] = (await cloud.inventory()).filter(({ type }) => type.endsWith(':Vcn'))
    expect(databases.map(({ inputs }) => inputs.dbWorkload).sort()).toEqual(['AJD', 'OLTP'])
    for (const { inputs } of databases) {
      expect(inputs).toMatchObject({
        ...{ isFreeTier: true, isAutoScalingEnabled: false, licenseModel: 'LICENSE_INCLUDED' },
        ...{ whitelistedIps: [network?.id], isMtlsConnectionRequired: false },
      })
    }
    // What lets one in is told to nobody but those who use it.
    const closed = (key: string, value: unknown) => (key === 'plaintext' ? undefined : value)
    const state = JSON.stringify(await attached.stack.exportStack(), closed)
    for (const told of [state, JSON.stringify(outputs), JSON.stringify(databases)]) expect(told).not.toContain(password)
    expect(String(outputs.notes?.value.idle)).toMatch(/7 days/)
    const stranger = {
      method: 'PUT',
      headers: { authorization: `Basic ${Buffer.from('ADMIN:guess').toString('base64')}` },
    }
    expect((await fetch(`${String(outputs.notes?.value.url)}notes`, stranger)).status).toBe(401)

    // A new release, and what was written is there; nothing of the databases changes.
    parts[2] = await packed(
      cloud.engine,
      component({ kind: 'function', name: 'api', uses: ['notes', 'tables'] }),
      NOTES('two'),
    )
    const next = await attached.stack.up()
    await waitFor(
      'the new release',
      async () => (await fetch(url)).headers.get('pipi-release') === next.outputs.api?.value.release,
    )
    expect(await (await fetch(url, { method: 'POST', body: 'second' })).text()).toMatch(
      /^two (first,second|second,first)$/,
    )
    expect((await cloud.inventory()).filter(({ type }) => type === AUTONOMOUS).map(({ id }) => id)).toEqual(
      databases.map(({ id }) => id),
    )

    // Oracle stops what nobody used for a week: it is seen, and started again.
    const notes = databases.find(({ inputs }) => inputs.dbWorkload === 'AJD')
    const stopped = { engine: 'ora', type: AUTONOMOUS, id: notes?.id, set: { state: 'STOPPED' } }
    await cloud.sandbox.admin('POST', '/drift', stopped)
    expect(await (await fetch(url)).text()).toBe('the database is stopped')
    await attached.stack.refresh()
    await attached.stack.up()
    expect(await (await fetch(url)).text()).toMatch(/^two (first,second|second,first)$/)

    const watch = watchContext(cloud)
    onTestFinished(() => watch.close())
    const found = ((await cloud.engine.watch.survey?.(watch)) ?? []).filter(({ type }) => type === AUTONOMOUS)
    expect(found.map(({ inputs }) => demandOf(cloud.engine, AUTONOMOUS, inputs))).toEqual(
      databases.map(({ inputs }) => demandOf(cloud.engine, AUTONOMOUS, inputs)),
    )
    const usage = await cloud.engine.watch.usage?.(watch)
    expect(usage?.readings).toContainEqual(expect.objectContaining({ meter: 'oci-autonomous-db.databases', total: 2 }))
    expect(await cloud.billed()).toBe(0)

    // There are two of them in a tenancy, and no third.
    const third = await cloud.run(() => {
      declareByType(AUTONOMOUS, 'third', free())
      return {}
    })
    await expect(third.stack.up()).rejects.toThrow(/400-LimitExceeded.*adb-free-count/)
  })

  it('is found by its name and our tag after a crash', async () => {
    const { stack } = await cloud.run(() => {
      declareByType(AUTONOMOUS, 'data', { ...free(), freeformTags: { [TAG.workspace]: 'w1' } })
      return {}
    })
    await stack.up()
    const [{ id, inputs } = { id: '', inputs: {} }] = await cloud.inventory()
    const rule = cloud.engine.rules[AUTONOMOUS]
    const reader = cloud.reader()
    onTestFinished(() => reader.close())
    expect(rule?.stateful).toBe(true)
    expect(await rule?.find(rule.lookup(inputs), reader, 'w1')).toBe(id)
    expect(await rule?.find(rule.lookup(inputs), reader, 'w2')).toBeUndefined()
  })

  it.each([
    [{ adminPassword: 'short1A' }, /between 12 and 30/],
    [{ adminPassword: 'Admin-1234567890' }, /username/],
    [{ dbName: 'not-a-name' }, /not valid/],
    [{ whitelistedIps: [] }, /mTLS is required/],
    [{ isAutoScalingEnabled: true }, /Auto scaling/],
    [{ cpuCoreCount: 4 }, /cannot be scaled/],
  ])('is refused by the platform with %j', async (wrong, words) => {
    const { check } = typeOf(cloudModule, AUTONOMOUS)
    const failuresOf = async (given: Record<string, unknown>) =>
      (await check?.({ ...free(), ...given }, worldWith(cloudModule)))?.failures
    expect(await failuresOf({})).toEqual([])
    expect(await failuresOf(wrong)).toEqual([{ property: Object.keys(wrong)[0], reason: expect.stringMatching(words) }])
  })

  it('costs what is not free: its processors while it runs, and its disk', () => {
    const inputs = { dbName: 'big', computeCount: 2, dataStorageSizeInGb: 100 }
    const of = (more: Record<string, unknown>) => stored(AUTONOMOUS, 'big', { inputs: { ...inputs, ...more } })
    const bill = (one: ReturnType<typeof of>) => charged(cloudModule.bill({ ...account([one]), plan: 'payg' }))
    const disk = Number(((1 / 744) * 100 * 0.1156).toFixed(6))
    expect(bill(of({}))).toEqual({ 'Autonomous database big': Number((0.672 + (1 / 744) * 100 * 0.1156).toFixed(6)) })
    expect(bill(of({ state: 'STOPPED' }))).toEqual({ 'Autonomous database big': disk })
    expect(bill(of({ isFreeTier: true }))).toEqual({})
  })

  it('is carried up to what a free one holds, and refused beyond before anything is made', () => {
    const refuses = (sizeMb: number) =>
      cloud.engine.refuses?.(componentSchema.parse({ kind: 'database', name: 'data', model: 'relational', sizeMb }))
    expect(refuses(19_073)).toBeUndefined()
    expect(refuses(20_000)).toContain('19073')
  })

  it('has no address that programs could be led wrong by, where the platform tells something else', () => {
    expect(
      driverUrl([{ profiles: [{ tlsAuthentication: 'MUTUAL', consumerGroup: 'LOW', value: '(host=a)(port=1522)' }] }]),
    ).toBeUndefined()
    expect(driverUrl(undefined)).toBeUndefined()
    expect(documentsUrl([{ ordsUrl: 'https://x.example/ords' }])).toBe('https://x.example/ords/admin/soda/latest/')
    expect(documentsUrl([])).toBeUndefined()
  })
})

function free(): Record<string, unknown> {
  return {
    compartmentId: railsContext(cloud.engine).account.id,
    displayName: 'a-database',
    dbName: 'adatabase',
    dbWorkload: 'OLTP',
    isFreeTier: true,
    adminPassword: 'Abcdefgh-123456',
    whitelistedIps: ['ocid1.vcn.oc1..x'],
    isMtlsConnectionRequired: false,
  }
}
