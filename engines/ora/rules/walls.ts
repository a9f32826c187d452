import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { ruleByName } from './find.ts'

/** What an account's own guard rails are made of has no price and no limit. */
export const walls: Record<string, ResourceRule> = Object.fromEntries(
  [
    'oci:Limits/quota:Quota',
    'oci:Budget/budget:Budget',
    'oci:Budget/rule:Rule',
    'oci:Identity/compartment:Compartment',
  ].map((type) => [type, ruleByName(type, { demand: () => takes() })]),
)
