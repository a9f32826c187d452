import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DemandAnswer } from '../../catalog/demand.ts'
import type { Problem } from '../../catalog/errors.ts'
import { CATALOG_FOLDER } from '../../catalog/load.ts'
import type { DemandRow } from '../../engines/demand/table.ts'
import { tempFolder } from '../helpers/temp.ts'
import { pipi } from './helpers/pipi.ts'

const FUNCTION = 'aws:lambda/function:Function'

describe('the catalogue on the command line', () => {
  it('says what a resource would take, with what was filled in to keep it free', async () => {
    const inputs = JSON.stringify({ role: 'r', memorySize: 256, timeout: 2 })
    const ended = await pipi('catalog', 'demand', FUNCTION, '--inputs', inputs, '--plan', 'free-plan', '--json')
    expect(ended.code).toBe(0)
    const { inputs: filled, answer } = ended.json<{ inputs: Record<string, unknown>; answer: DemandAnswer }>()
    expect(filled).toMatchObject({ memorySize: 256, reservedConcurrentExecutions: 1 })
    expect(answer).toMatchObject({
      ok: true,
      // 20,000 requests × 2 s × 0.25 GB
      demand: {
        amounts: expect.arrayContaining([expect.objectContaining({ meter: 'aws-lambda.compute', amount: 10_000 })]),
      },
    })
  })

  it('refuses as the lock would, and names bad questions', async () => {
    const elsewhere = await pipi('catalog', 'demand', FUNCTION, '--region', 'cn-north-1')
    expect([elsewhere.code, elsewhere.stdout]).toEqual([3, expect.stringContaining('lock.unsafe-input')])
    const paid = await pipi('catalog', 'demand', 'aws:ec2/natGateway:NatGateway')
    expect([paid.code, paid.stdout]).toEqual([3, expect.stringContaining('0.045/h')])
    expect((await pipi('catalog', 'demand', 'aws:moon/base:Base')).code).toBe(4)
    expect((await pipi('catalog', 'demand', FUNCTION, '--plan', 'gold')).code).toBe(4)
    expect((await pipi('catalog', 'demand', FUNCTION, '--inputs', '{"memorySize":')).code).toBe(2)
    expect((await pipi('catalog', 'demand', FUNCTION, '--inputs', '[1]')).code).toBe(2)
  })

  it('prints a table to hold against the sources', async () => {
    const ended = await pipi('catalog', 'table', '--cloud', 'dgo', '--json')
    const { items } = ended.json<{ items: DemandRow[] }>()
    expect(items.length).toBeGreaterThan(10)
    expect(items).toContainEqual(
      expect.objectContaining({
        type: 'digitalocean:index/app:App',
        meter: 'do-static-sites.apps',
        amount: 1,
        limit: 3,
        usdPerUnit: 3,
        sources: expect.arrayContaining([
          expect.objectContaining({ url: expect.stringContaining('https://'), date: '2026-09-24' }),
        ]),
      }),
    )
    expect((await pipi('catalog', 'table', '--cloud', 'ver')).stdout).toContain('vercel-project.transfer')
    expect((await pipi('catalog', 'table', '--cloud', 'xyz')).code).toBe(4)
  })

  it('lints a folder: each problem with file, line and column, as bad input', async () => {
    const folder = await tempFolder('facts')
    await copyFile(join(CATALOG_FOLDER, 'hez.yaml'), join(folder, 'hez.yaml'))
    expect((await pipi('catalog', 'lint', folder)).code).toBe(0)
    const text = await readFile(join(folder, 'hez.yaml'), 'utf8')
    await writeFile(join(folder, 'hez.yaml'), text.replace('meter: zones, on', 'meter: zoos, on'))
    const ended = await pipi('catalog', 'lint', folder, '--json')
    expect(ended.code).toBe(2)
    const { ok, problems } = ended.json<{ ok: boolean; problems: Problem[] }>()
    expect(ok).toBe(false)
    const line = text.split('\n').findIndex((each) => each.includes('meter: zones, on')) + 1
    expect(problems).toContainEqual(
      expect.objectContaining({ file: join(folder, 'hez.yaml'), line, column: 11, message: 'no meter "zoos"' }),
    )
    expect((await pipi('catalog', 'lint', folder)).stdout).toContain(`hez.yaml:${line}:11`)
  })
})
