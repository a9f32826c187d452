import { describe, expect, it } from 'vitest'
import { listIn } from '../../../engines/ora/rules/find.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { component, packed, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ora')
const MACHINE = 'oci:Core/instance:Instance'

const serverSaying = (text: string) => ({
  'server.js': `require('node:http').createServer((request, response) => {
    const leaked = Object.keys(process.env).filter((name) => /PIPI|OCI/.test(name))
    response.end(JSON.stringify({ says: ${JSON.stringify(text)}, url: request.url, greeting: process.env.GREETING, leaked }))
  }).listen(process.env.PORT, process.env.HOST)`,
})

describe('a workspace on ora', () => {
  it('stands on one machine that fetches each release by itself, and no request fails while it does', async () => {
    const api = component({ kind: 'service', name: 'api', env: { GREETING: 'hello' } })
    const pages = await packed(cloud.engine, component({ kind: 'site', name: 'pages' }), SITE_FILES)
    const parts = [pages, await packed(cloud.engine, api, serverSaying('first'))]
    const { stack } = await cloud.open(parts)

    // The free machines are often all taken: nothing but the machine is missing then, and the next deployment goes on.
    const full = { engine: 'ora', type: MACHINE, kind: 'error', message: '500-InternalError, Out of host capacity.' }
    await cloud.sandbox.admin('POST', '/fault', full)
    await expect(stack.up()).rejects.toThrow(/Out of host capacity/)
    expect((await cloud.inventory()).map(({ type }) => type)).not.toContain(MACHINE)

    const { outputs } = await stack.up()
    const [home, service] = [String(outputs.pages?.value.url), String(outputs.api?.value.url)]
    expect(await (await fetch(home)).text()).toBe(SITE_FILES['index.html'])
    expect((await fetch(new URL('nowhere', home))).status).toBe(404)
    // One address has one root: the site's. The others lie below their names.
    expect(service).toBe(`${home}api/`)
    const answer = await fetch(`${service}deep?x=1`)
    expect(await answer.json()).toEqual({ says: 'first', url: '/deep?x=1', greeting: 'hello', leaked: [] })
    expect(answer.headers.get('pipi-release')).toBe(outputs.api?.value.release)
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])

    const [before] = (await cloud.inventory()).filter(({ type }) => type === MACHINE)
    expect(before?.inputs).toMatchObject({ shapeConfig: { ocpus: 1, memoryInGbs: 6 } })
    // Its environment is in the plan, which is nowhere in clear but in the bucket; so is the way there.
    expect(JSON.stringify(before?.inputs)).not.toContain('hello')
    // An export opens what the state holds closed.
    const closed = (key: string, value: unknown) => (key === 'plaintext' ? undefined : value)
    const state = JSON.stringify(await stack.exportStack(), closed)
    expect(state).not.toContain('hello')
    expect(state).not.toMatch(/\/p\/[0-9a-f]{64}\//)
    const visitor = visit(service)
    parts[1] = await packed(cloud.engine, api, serverSaying('second'))
    const next = await stack.up()
    const release = next.outputs.api?.value.release
    await waitFor('the new release', () => visitor.answers.some((one) => one === `200 ${release}`))
    await visitor.stop()
    expect(visitor.answers.filter((one) => !one.startsWith('200 '))).toEqual([])
    expect(await (await fetch(service)).json()).toMatchObject({ says: 'second' })
    const [after] = (await cloud.inventory()).filter(({ type }) => type === MACHINE)
    expect(after?.id).toBe(before?.id)
    // What went before is not kept: the new release, the site's, the plan and the agent.
    const objects = (await cloud.inventory()).filter(({ type }) => type.endsWith(':StorageObject'))
    expect(objects).toHaveLength(4)
    expect(await cloud.billed()).toBe(0)
    await expectFound()
  })

  it('keeps what a function puts into a store, for the function after it and for a job at its time', async () => {
    const files = component({ kind: 'store', name: 'files', sizeMb: 50 })
    const notes = component({ kind: 'function', name: 'notes', uses: ['files'] })
    const job = component({ kind: 'job', name: 'nightly', uses: ['files'], schedule: '15 3 * * *' })
    const parts = [
      { component: files, artifact: { travels: 'nothing' } as const },
      await packed(cloud.engine, notes, NOTES),
      await packed(cloud.engine, job, NIGHTLY),
    ]
    const attached = await cloud.open(parts)
    const { outputs } = await attached.stack.up()
    const url = String(outputs.notes?.value.url)
    // The address that is a key is told to nobody but those who use the store.
    expect(outputs.files?.value.url).not.toContain('/p/')
    expect(await (await fetch(url, { method: 'POST', body: 'kept' })).text()).toBe('200')
    expect(await (await fetch(url)).text()).toBe('kept')

    parts[1] = await packed(cloud.engine, notes, { ...NOTES, 'more.txt': 'a new release' })
    const release = (await attached.stack.up()).outputs.notes?.value.release
    await waitFor('the new release', async () => (await fetch(url)).headers.get('pipi-release') === release)
    expect(await (await fetch(url)).text()).toBe('kept')

    expect(await (await fetch(`${url}?name=ran`)).text()).toBe('ObjectNotFound')
    await cloud.sandbox.admin('POST', '/clock', { forward: '1d' })
    expect(await (await fetch(`${url}?name=ran`)).text()).toBe('nightly')
    // Objects of users are no matter of the engine's: the platform keeps a bucket that holds some.
    await expect(attached.stack.destroy()).rejects.toThrow(/BucketNotEmpty/)
    expect((await cloud.inventory()).map(({ type }) => type)).toContain('oci:ObjectStorage/bucket:Bucket')
    await cloud.forget(attached)
  })
})

const NOTES = {
  'package.json': '{"type":"module"}',
  'index.js': `export default async (request) => {
    const name = new URL(request.url).searchParams.get('name') ?? 'note'
    const at = process.env.FILES_URL + name
    if (request.method === 'POST') {
      const put = await fetch(at, { method: 'PUT', body: await request.text() })
      return new Response(String(put.status))
    }
    const got = await fetch(at)
    return new Response(got.ok ? await got.text() : (await got.json()).code)
  }`,
}

const NIGHTLY = {
  'package.json': '{"type":"module"}',
  'job.js': "await fetch(process.env.FILES_URL + 'ran', { method: 'PUT', body: 'nightly' })",
}

/** Somebody who asks all the time. */
function visit(url: string): { answers: string[]; stop(): Promise<void> } {
  const answers: string[] = []
  let going = true
  const visiting = (async () => {
    while (going) {
      const answer = await fetch(url).catch((error: Error) => error)
      if (answer instanceof Error) answers.push(`0 ${answer.message}`)
      else {
        await answer.text()
        answers.push(`${answer.status} ${answer.headers.get('pipi-release')}`)
      }
    }
  })()
  return {
    answers,
    async stop() {
      going = false
      await visiting
    },
  }
}

/** After a crash each of them is looked up by what it goes by. */
async function expectFound(): Promise<void> {
  const reader = cloud.reader()
  try {
    for (const { type, id, inputs } of await cloud.inventory()) {
      const rule = cloud.engine.rules[type]
      const lookup = rule?.lookup(inputs) ?? {}
      if (rule?.tagProperty === null) expect(await rule.find(lookup, reader, 'w1'), type).toBe(id)
      else if (type !== 'oci:ObjectStorage/bucket:Bucket') {
        const listed = await listIn(type, String(lookup.parent), reader)
        expect(listed.find((one) => one.displayName === lookup.name)?.id, type).toBe(id)
      }
    }
  } finally {
    reader.close()
  }
}
