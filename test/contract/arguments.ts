import { join } from 'node:path'
import { cacheFolder } from '../../stacks/toolchain/cache-folder.ts'

export interface Asked {
  code: string
  /** PULUMI_HOME of the plugins. */
  plugins: string
  /** Where the programs are deployed for real: an emulator's address, or the platform itself with these credentials. */
  deploy:
    | { to: 'endpoint'; url: string }
    | { to: 'account'; id: string; plan: string; unconfirmed: boolean }
    | undefined
  /** A git repository that the platform can fetch, where an artifact travels as one. */
  source: { url: string; ref: string } | undefined
  /** A base image for containers that runs `node`, by digest. */
  base: string | undefined
}

export const USAGE = `npm run test:contract -- CODE [--real-account [--unconfirmed-account]] [--plugins FOLDER]

CODE            an engine whose provider is an official plugin
--real-account  deploy with the engine's credentials from the environment, look it up, and destroy it again;
                PIPI_CONTRACT_ACCOUNT and PIPI_CONTRACT_PLAN say which cloud account it is and on which plan
--unconfirmed-account
                also where the platform does not say whose the credentials are
--plugins       folder (a PULUMI_HOME) that plugins are kept in; the cache folder when left out

PIPI_CONTRACT_ENDPOINT    address of an emulator: the same against it
PIPI_CONTRACT_SOURCE      a public git repository with the examples, for platforms that build by themselves
PIPI_CONTRACT_REF         its branch, "main" when left out
PIPI_CONTRACT_BASE        an image with Node, by digest: with it containers are deployed as well`

/** What the command line and the environment ask for; a text is what is wrong with it. */
export function parseArguments(
  given: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Asked | string {
  const words = [...given]
  const real = take(words, '--real-account')
  const unconfirmed = take(words, '--unconfirmed-account')
  const at = words.indexOf('--plugins')
  const [, folder] = at < 0 ? [] : words.splice(at, 2)
  if (at >= 0 && folder === undefined) return '--plugins: expected a folder'
  const [code, ...rest] = words
  if (code === undefined) return 'expected the code of an engine'
  if (rest.length > 0) return `expected one code, got ${[code, ...rest].join(' ')}`
  const endpoint = environment.PIPI_CONTRACT_ENDPOINT
  if (real && endpoint) return '--real-account and PIPI_CONTRACT_ENDPOINT: only one of them'
  if (endpoint && !URL.canParse(endpoint)) return `PIPI_CONTRACT_ENDPOINT: expected an address, got "${endpoint}"`
  const { PIPI_CONTRACT_ACCOUNT: id, PIPI_CONTRACT_PLAN: plan, PIPI_CONTRACT_SOURCE: source } = environment
  if (real && (!id || !plan)) return '--real-account needs PIPI_CONTRACT_ACCOUNT and PIPI_CONTRACT_PLAN'
  if (unconfirmed && !real) return '--unconfirmed-account: only with --real-account'
  return {
    code,
    plugins: folder ?? join(cacheFolder({ ...environment }), 'plugins'),
    deploy: real
      ? { to: 'account', id: id ?? '', plan: plan ?? '', unconfirmed }
      : endpoint
        ? { to: 'endpoint', url: endpoint }
        : undefined,
    base: environment.PIPI_CONTRACT_BASE || undefined,
    source: source ? { url: source, ref: environment.PIPI_CONTRACT_REF || 'main' } : undefined,
  }
}

function take(words: string[], word: string): boolean {
  const at = words.indexOf(word)
  if (at >= 0) words.splice(at, 1)
  return at >= 0
}
