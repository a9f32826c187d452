import type { Engine, ResourceRule } from '../contract/engine.ts'
import { app } from './rules/app.ts'
import { names } from './rules/names.ts'
import { registry } from './rules/registry.ts'

/** What each type takes. The never free ones come from the catalogue. */
export const rules: Record<string, ResourceRule> = { ...app, ...registry, ...names }

export const noCarrier: Engine['noCarrier'] = {
  service: 'nothing that computes is free there: the smallest container is 5 USD a month, the smallest Droplet 4',
}

/** Its API has alerts for machines only: the one for money is in its console, and nothing caps a team's spending. */
export const noGuardRails =
  'it has no budget, no cap and no policy that a program could set; give the engine a token with the scopes of Apps, registry and domains only, and turn the billing alert on in its console'
