import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { watching } from '../look.ts'
import { component, packed, useCloud } from '../use-cloud.ts'

const cloud = useCloud('aws')

/** A client of AWS' own protocol in one file, as a bundled SDK would be. */
const aws4fetch = await readFile(
  createRequire(import.meta.url)
    .resolve('aws4fetch')
    .replace(/\.cjs\.js$/, '.esm.mjs'),
  'utf8',
)
const TABLE = `import { AwsClient } from './aws4fetch.mjs'
const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env
const [, region, TableName] = new URL(process.env.NOTES_URL).href.split(/\\/+/)
const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, service: 'dynamodb', region })
export async function ask(operation, body, endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB) {
  const response = await client.fetch(endpoint + '/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.' + operation },
    body: JSON.stringify({ TableName, ...body }),
  })
  return response.json()
}
`
const NOTES = {
  'aws4fetch.mjs': aws4fetch,
  'table.mjs': TABLE,
  'index.js': `import { ask } from './table.mjs'
export default async function (request) {
  const id = { S: new URL(request.url).pathname }
  if (request.method === 'PUT') return Response.json(await ask('PutItem', { Item: { id, text: { S: await request.text() } } }))
  const { Item, ...rest } = await ask('GetItem', { Key: { id } })
  return Item === undefined ? Response.json(rest, { status: 404 }) : new Response(Item.text?.S ?? Item.runs.N)
}`,
  'job.js': `import { ask } from './table.mjs'
const answer = await ask('UpdateItem', { Key: { id: { S: '/runs' } }, UpdateExpression: 'ADD runs :one', ExpressionAttributeValues: { ':one': { N: '1' } } })
if (answer.__type !== undefined) throw new Error(answer.message)`,
  'package.json': '{"type":"module"}',
}

const notes = component({ kind: 'database', name: 'notes', model: 'key-value' })
const api = component({ kind: 'function', name: 'api', uses: ['notes'] })
const hourly = component({ kind: 'job', name: 'hourly', uses: ['notes'], schedule: '30 * * * *' })
/** Knows the table's address, and is not said to use it. */
const stranger = component({ kind: 'function', name: 'stranger' })

describe('functions, a job and a database on aws', () => {
  it('keep what is stored over a redeployment, let in only what uses it, run by the clock until it is stopped, and leave nothing', async () => {
    const parts = [await packed(cloud.engine, notes), await packed(cloud.engine, api, NOTES)]
    parts.push(await packed(cloud.engine, hourly, NOTES))
    const { stack } = await cloud.open(parts)
    const { outputs } = await stack.up()
    expect(outputs.notes?.value.url).toBe('dynamodb://us-east-1/demo-notes-a1b2c3')
    const at = (path: string) => new URL(path, String(outputs.api?.value.url))
    expect((await fetch(at('first'))).status).toBe(404)
    await fetch(at('first'), { method: 'PUT', body: 'grüße' })
    expect(await (await fetch(at('first'))).text()).toBe('grüße')

    const { readings } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    expect(readings.find(({ meter }) => meter === 'aws-dynamodb.storage')).toMatchObject({
      scope: 'us-east-1',
      byResource: [{ id: 'demo-notes-a1b2c3', amount: expect.any(Number) }],
    })
    const found = (await cloud.engine.watch.survey?.(await watching(cloud))) ?? []
    expect(found.find(({ type }) => type === 'aws:cloudwatch/eventRule:EventRule')).toMatchObject({
      id: 'demo-hourly-a1b2c3',
      inputs: { scheduleExpression: 'cron(30 * * * ? *)' },
    })

    // Half past comes twice within two hours.
    await cloud.sandbox.admin('POST', '/clock', { forward: '2h' })
    expect(await (await fetch(at('runs'))).text()).toBe('2')

    parts[1] = await packed(cloud.engine, api, { ...NOTES, 'new.txt': 'a new release' })
    const url = `dynamodb://us-east-1/demo-notes-a1b2c3`
    parts.push(await packed(cloud.engine, { ...stranger, env: { NOTES_URL: url } }, NOTES))
    const again = await stack.up()
    expect(again.summary.resourceChanges).not.toHaveProperty('replace')
    expect(await (await fetch(at('first'))).text()).toBe('grüße')
    const denied = await fetch(new URL('first', String(again.outputs.stranger?.value.url)))
    expect(await denied.text()).toContain('is not authorized to perform: dynamodb:GetItem')

    const [rule] = (await cloud.inventory()).filter((one) => one.type.includes('eventRule'))
    expect(cloud.engine.rules[rule?.type ?? '']?.suspended?.(rule?.inputs ?? {})).toMatchObject({ state: 'DISABLED' })
    const set = (state: string) =>
      cloud.sandbox.admin('POST', '/drift', { type: rule?.type, id: rule?.id, set: { state } })
    await set('DISABLED')
    await cloud.sandbox.admin('POST', '/clock', { forward: '3h' })
    await set('ENABLED')
    expect(await (await fetch(at('runs'))).text()).toBe('2')

    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
    expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(['same'])
    await expectFound()
    expect(await cloud.billed()).toBe(0)
    const { lines } = await cloud.sandbox.admin<{ lines: { item: string; quantity: number }[] }>('GET', '/bill')
    expect(lines.find(({ item }) => item === 'DynamoDB storage in us-east-1')?.quantity).toBeGreaterThan(0)
    // What lies there beyond what is free shows in the platform's own figure, and on the witness' bill.
    const full = { type: 'aws:dynamodb/table:Table', id: 'demo-notes-a1b2c3', stored: 2e12 }
    await cloud.sandbox.admin('POST', '/drift', full)
    await fetch(at('second'), { method: 'PUT', body: 'one more' })
    await cloud.sandbox.admin('POST', '/clock', { forward: '1d' })
    const seen = (await cloud.engine.watch.usage?.(await watching(cloud)))?.readings ?? []
    expect(seen.find(({ meter }) => meter === 'aws-dynamodb.storage')?.total).toBeGreaterThan(2000)
    expect(await cloud.billed()).toBeGreaterThan(0)
    await stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })
})

/** What carries tags has to carry ours, which a guard adds and this test does not; the rest is found by its names. */
async function expectFound(): Promise<void> {
  const reader = cloud.reader()
  try {
    for (const one of await cloud.inventory()) {
      const rule = cloud.engine.rules[one.type]
      const lookup = rule?.lookup(one.inputs) ?? {}
      expect(JSON.stringify(lookup), one.type).not.toContain('null')
      expect(await rule?.find(lookup, reader, 'w1'), one.type).toBe(rule?.tagProperty === null ? one.id : undefined)
    }
  } finally {
    reader.close()
  }
}
