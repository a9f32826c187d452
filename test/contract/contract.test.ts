import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Engine } from '../../engines/contract/engine.ts'
import { loadEngine, sandboxModuleOf } from '../../engines/scan.ts'
import { sdkVersion } from '../../stacks/toolchain/sdk-version.ts'
import { tempFolder } from '../helpers/temp.ts'
import { startClouds } from './all-clouds.ts'
import { type Asked, parseArguments } from './arguments.ts'
import { lineOf } from './compare/finding.ts'
import { report, runContract } from './contract.ts'
import { changedCloud, installPlugin, pluginInFrontOf } from './planted.ts'

const ROOT = join(import.meta.dirname, '../..')
const APP = 'digitalocean:index/app:App'
/** Nobody listens there: whoever has to go through it does not reach the network. */
const NOWHERE = 'http://127.0.0.1:9'

describe('the contract test', () => {
  it('says plainly that it is skipped, and what was tried, when the plugin cannot be had', async () => {
    const args = ['setup/run.mjs', '--script', 'test/contract/main.ts', 'dgo', '--plugins', await tempFolder('plugins')]
    const env = { ...process.env, HTTPS_PROXY: NOWHERE, HTTP_PROXY: NOWHERE, NO_PROXY: '', no_proxy: '' }
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env })
    expect(stdout).toContain('skipped: the official plugin of dgo cannot be had here, nothing was compared')
    expect(stdout).toContain(`tried digitalocean ${sdkVersion('digitalocean')} (@pulumi/digitalocean)`)
  })

  it('refuses an engine that there is not, and one whose provider is ours', async () => {
    await expect(runContract(asked('xyz'), {}, () => undefined)).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('aws'),
    })
    for (const code of ['ibm', 'pip']) {
      await expect(runContract(asked(code), {}, () => undefined)).rejects.toMatchObject({
        code: 'input.invalid',
        message: expect.stringContaining('has no official plugin'),
        hint: expect.stringContaining(`npm test (test/engines/${code}`),
      })
    }
  })

  it('reads what is asked from words and environment, and says what is wrong with it', () => {
    const real = { PIPI_CONTRACT_ACCOUNT: 'mine', PIPI_CONTRACT_PLAN: 'free-tier' }
    expect(parseArguments(['aws', '--real-account'], real)).toMatchObject({
      deploy: { to: 'account', id: 'mine', plan: 'free-tier', unconfirmed: false },
    })
    expect(parseArguments(['aws', '--real-account', '--unconfirmed-account'], real)).toMatchObject({
      deploy: { to: 'account', unconfirmed: true },
    })
    expect(parseArguments(['aws'], { PIPI_CONTRACT_ENDPOINT: 'http://127.0.0.1:4566' })).toMatchObject({
      deploy: { to: 'endpoint', url: 'http://127.0.0.1:4566' },
    })
    expect(parseArguments(['--plugins', '/there', 'aws'], {})).toMatchObject({ code: 'aws', plugins: '/there' })
    for (const [words, environment, why] of [
      [[], {}, 'expected the code'],
      [['aws', 'ggc'], {}, 'expected one code'],
      [['aws', '--plugins'], {}, 'expected a folder'],
      [['aws', '--real-account'], {}, 'needs PIPI_CONTRACT_ACCOUNT'],
      [['aws', '--real-account'], { ...real, PIPI_CONTRACT_ENDPOINT: 'http://x' }, 'only one of them'],
      [['aws', '--unconfirmed-account'], {}, 'only with --real-account'],
      [['aws'], { PIPI_CONTRACT_ENDPOINT: 'there' }, 'expected an address'],
    ] as const)
      expect(parseArguments(words, environment)).toContain(why)
  })

  it('deploys to a real account with the credentials of the environment only', async () => {
    const real: Asked = {
      ...asked('dgo'),
      deploy: { to: 'account', id: 'a team', plan: 'free-parts', unconfirmed: false },
    }
    await expect(runContract(real, {}, () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining('DIGITALOCEAN_TOKEN not set'),
    })
  })

  it('finds what a plugin does otherwise than its simulation: names type and property, and fails', async () => {
    const engine = await loadEngine('dgo')
    const folder = await tempFolder('planted')
    const other = await changedCloud(folder, sandboxModuleOf(engine) ?? '', otherApps())
    const clouds = await startClouds([engine], { dgo: other })
    const address = clouds.sandbox.ready.providers.digitalocean ?? ''
    const plugin = await pluginInFrontOf('digitalocean', address, schemaOf(engine))
    const said: string[] = []
    try {
      await installPlugin(folder, 'digitalocean', sdkVersion('digitalocean') ?? '', plugin.address)
      const outcome = await runContract({ ...asked('dgo'), plugins: folder }, process.env, (line) => said.push(line))
      if ('skipped' in outcome) throw new Error(outcome.skipped.join())
      const different = outcome.findings.filter(({ verdict }) => verdict === 'different')
      expect(different.map(({ type, behaviour, property }) => [type, behaviour, property])).toEqual([
        [APP, 'inputs', 'spec.staticSites.sourceDir'],
        [APP, 'required', 'projectId'],
        [APP, 'replaceOn', 'spec.region'],
        [APP, 'secretOutputs', 'liveUrl'],
        [APP, 'defaults', 'projectId'],
        [APP, 'replaces', 'spec'],
      ])
      expect(report(outcome, 'dgo', (line) => said.push(line))).toBe(1)
      expect(said).toContain(lineOf(different[0] as (typeof different)[0]))
      expect(said.join('\n')).toMatch(/digitalocean:index\/app:App +same +DIFFERENT +DIFFERENT/)
      expect(said.at(-1)).toContain('6 different')
    } finally {
      plugin.close()
      await clouds.close()
    }
  })
})

function asked(code: string): Asked {
  return { code, plugins: '/nowhere', deploy: undefined, source: undefined, base: undefined }
}

/** Apps that are made anew with another spec, and told a project. */
function otherApps(): string {
  const app = `cloud.resources[${JSON.stringify(APP)}]`
  return `{ ...cloud, resources: { ...cloud.resources, ${JSON.stringify(APP)}: {
    ...${app},
    replaceOn: ['spec'],
    check: async (inputs) => ({ ...(await ${app}.check(inputs)), inputs: { projectId: 'first', ...inputs } }),
  } } }`
}

/** What the package is like, but for a property that is named otherwise, one more that is required, and so on. */
function schemaOf(engine: Engine) {
  const texts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  const site = texts('name', 'buildCommand', 'environmentSlug', 'errorDocument', 'indexDocument', 'outputDir', 'folder')
  const env = texts('key', 'value', 'scope', 'type')
  const of = (name: string) => ({ $ref: `#/types/digitalocean:index/${name}:${name}` })
  return {
    name: engine.dna.providers[0],
    resources: {
      [APP]: {
        inputProperties: { spec: of('Spec'), projectId: { type: 'string' } },
        requiredInputs: ['projectId'],
        properties: { spec: of('Spec'), liveUrl: { type: 'string', secret: true } },
      },
    },
    types: {
      'digitalocean:index/Spec:Spec': {
        properties: {
          ...texts('name', 'services', 'workers', 'jobs', 'databases', 'functions'),
          region: { type: 'string', willReplaceOnChanges: true },
          staticSites: { type: 'array', items: of('Site') },
          maintenance: of('Maintenance'),
        },
      },
      'digitalocean:index/Site:Site': {
        properties: { ...site, git: of('Git'), envs: { type: 'array', items: of('Env') } },
      },
      'digitalocean:index/Git:Git': { properties: texts('repoCloneUrl', 'branch') },
      'digitalocean:index/Env:Env': { properties: env },
      'digitalocean:index/Maintenance:Maintenance': { properties: texts('enabled', 'archive') },
    },
  }
}
