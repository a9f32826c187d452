import type { Engine, ResourceRule } from '../contract/engine.ts'
import { cloudant, MOST_MB } from './rules/cloudant.ts'
import { codeEngine } from './rules/code-engine.ts'
import { registry } from './rules/registry.ts'
import { MOST_MIB } from './sizes.ts'

/** What each type takes. The never free ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = { ...codeEngine, ...registry, ...cloudant }

export const noCarrier: Engine['noCarrier'] = {
  job: 'the API of Code Engine has no timers: they are made by its command line only',
  store:
    'the free part of Object Storage ends 12 months after the first instance, and nothing in the settings of a bucket bounds its requests, which are charged from then on',
}

export const noGuardRails =
  'IBM Cloud tells its owner what was spent, and has no budget, quota or policy of an account that stops anything'

export const refuses: Engine['refuses'] = (component) => {
  if (component.kind === 'service' && component.runtime === 'jvm')
    return 'functions start a Node server and no JVM: as a "container" with a JVM in its base image the same jar can be carried'
  if ('memoryMb' in component && component.memoryMb > MOST_MIB)
    return `functions and apps have at most ${MOST_MIB} MiB of memory here, and it asks for ${component.memoryMb}`
  if ('domains' in component && component.domains.length > 0)
    return 'a name of its own needs a certificate that its owner has to bring'
  if (component.kind !== 'database') return undefined
  if (component.model === 'relational') return 'no relational database is free here: Cloudant keeps documents'
  return component.sizeMb > MOST_MB
    ? `a Lite instance of Cloudant holds ${MOST_MB} MB, and it asks for ${component.sizeMb}`
    : undefined
}

/** What is said of an image or an app that did not come to be, and what helps. */
const ADVICE: [RegExp, string][] = [
  [
    /app \S+ was not deployed/,
    'the container has to listen on PORT and answer at its health path; on the very first try IAM may not have known yet who pulls its image: deploy again',
  ],
  [/exceeded your storage quota/, 'remove images of others from this registry, or take a smaller base image'],
  [/is on the plan "/, 'choose a region whose registry is on the free plan, or another engine'],
]

export const advises: Engine['advises'] = (failure) => ADVICE.find(([words]) => words.test(failure))?.[1]
