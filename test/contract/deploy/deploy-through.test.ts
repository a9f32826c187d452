import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadEngine } from '../../../engines/scan.ts'
import { testDatabase } from '../../helpers/postgres.ts'
import { pulumiPath } from '../../helpers/pulumi.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { startClouds } from '../all-clouds.ts'
import { exampleSource } from '../declared/examples.ts'
import { deployThrough } from './deploy-through.ts'

it('deploys the examples through driver, guard and relay, looks them up, destroys them, and finds nothing left', async () => {
  const engine = await loadEngine('dgo')
  const clouds = await startClouds([engine])
  const database = await testDatabase()
  const folder = await tempFolder('deploy')
  const { cloudAccount = '', plan = '' } = engine.dna.sandbox ?? {}
  const said: string[] = []
  try {
    const findings = await deployThrough(
      {
        engine,
        db: database.db,
        source: await exampleSource(join(folder, 'examples')),
        folder,
        pulumi: await pulumiPath(),
        withinMs: 60_000,
        upstreams: { digitalocean: clouds.sandbox.ready.providers.digitalocean ?? '' },
        credentials: Object.fromEntries(engine.dna.credentials.map(({ config, sandbox }) => [config, sandbox])),
        platformApi: `${clouds.sandbox.ready.api}/api/dgo`,
        account: { id: cloudAccount, plan },
      },
      (line) => said.push(line),
    )
    expect(findings.map(({ type, behaviour, verdict }) => [type, behaviour, verdict])).toEqual([
      ['digitalocean:index/app:App', 'deployed', 'same'],
      ['digitalocean:index/app:App', 'found', 'same'],
      ['digitalocean:index/app:App', 'gone', 'same'],
    ])
    expect(said).toEqual(['deploying site', 'succeeded: 1 resources', 'destroyed: succeeded'])
  } finally {
    await clouds.close()
    await database.drop()
  }
})
