import { expect, it } from 'vitest'
import { scanEngines } from '../../engines/scan.ts'

it('every engine has guard rails of its account’s own, or says why there are none', async () => {
  const engines = [...(await scanEngines()).values()]
  const without = engines.filter((one) => one.guardRails === undefined)
  expect(without.map((one) => one.dna.code)).toEqual(['dgo', 'ibm', 'pip'])
  for (const { noGuardRails } of without) expect(noGuardRails).toMatch(/\w+ \w+ \w+/)
})
