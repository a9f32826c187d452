import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { processesOf } from '../helpers/leaks.ts'
import { currentTag } from '../helpers/tag.ts'
import { pipi } from './helpers/pipi.ts'

interface Quickstart {
  places: { deployment: { engine: string; status: string }; answers: { url: string; ok: boolean }[] }[]
  refused: {
    status: string
    engine: string
    refusal: { meter: string; limit: number; holders: { workspace: string }[] }
  }
  bill: { total: number }
}

it('shows the whole product once around, and leaves nothing running', async () => {
  const before = await readdir(tmpdir())
  const ended = await pipi('quickstart', '--once', '--json')
  expect(ended.stderr).toContain('Stopping the platform')
  expect(ended.code, ended.stderr).toBe(0)
  const { places, refused, bill } = ended.json<Quickstart>()
  const engines = places.map((it) => it.deployment.engine).sort()
  expect(engines).toEqual(expect.arrayContaining(['aws', 'azu', 'dgo', 'ggc', 'pip']))
  for (const { deployment, answers } of places) {
    expect(deployment.status).toBe('succeeded')
    expect(answers.length).toBeGreaterThan(0)
    expect(answers.every((answer) => answer.ok)).toBe(true)
  }
  // The smallest limit of things that fill one by one, whichever engine has it.
  expect(refused.status).toBe('refused')
  expect(refused.refusal.limit).toBeGreaterThan(1)
  expect(refused.refusal.holders).toHaveLength(refused.refusal.limit)
  expect(bill.total).toBe(0)
  expect(processesOf(currentTag())).toEqual([])
  expect(await readdir(tmpdir())).toEqual(before)
})
