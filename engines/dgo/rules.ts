import type { Engine, ResourceRule } from '../contract/engine.ts'
import { app } from './rules/app.ts'
import { names } from './rules/names.ts'
import { registry } from './rules/registry.ts'

/** What each type takes. The never free ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = { ...app, ...registry, ...names }

const NOTHING_COMPUTES =
  'nothing that computes is free there: the smallest container is 5 USD a month, the smallest Droplet 4'

export const noCarrier: Engine['noCarrier'] = {
  service: NOTHING_COMPUTES,
  container: NOTHING_COMPUTES,
  // Memory and time of one are said in its repository, which App Platform reads and we do not.
  function:
    'its functions have 90,000 GiB-s a month and are charged beyond them, and nothing in the settings of an App bounds how often one runs or how much it takes',
  job: 'a job in an App is charged like a container, and a function that is started by a schedule is bounded by nothing',
  database: 'its smallest managed database is 15 USD a month',
  store: 'its Spaces cost 5 USD a month, however little lies in them',
}

/** Its API has alerts for machines only: the one for money is in its console, and nothing caps a team's spending. */
export const noGuardRails =
  'it has no budget, no cap and no policy that a program could set; give the engine a token with the scopes of Apps, registry and domains only, and turn the billing alert on in its console'
