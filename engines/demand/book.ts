import { CATALOG_FOLDER, loadCatalog } from '../../catalog/load.ts'
import type { Platform } from '../../catalog/schema.ts'
import { typesOf } from '../../catalog/types-of.ts'
import type { ResourceRule } from '../contract/engine.ts'
import { ENGINES_FOLDER, scanEngines } from '../scan.ts'
import { bindRules } from './bind.ts'
import { rulesOfCatalog } from './rules-of-catalog.ts'

/** Every platform's facts and rules, also of those that no engine serves. */
export interface DemandBook {
  platforms: ReadonlyMap<string, Platform>
  /** By platform code; of each type the rule that an engine would use. */
  rules: ReadonlyMap<string, Record<string, ResourceRule>>
  /** Platform code by resource type, as the catalogue names them. */
  platformOf: ReadonlyMap<string, string>
}

/** Reads the catalogue and the engines' rules; no SDK is loaded. */
export async function openBook(
  folders: { engines?: string; catalog?: string } = {},
  now: () => number = Date.now,
): Promise<DemandBook> {
  const catalog = folders.catalog ?? CATALOG_FOLDER
  const platforms = await loadCatalog(catalog)
  const engines = await scanEngines(folders.engines ?? ENGINES_FOLDER, catalog)
  const rules = new Map<string, Record<string, ResourceRule>>()
  const platformOf = new Map<string, string>()
  for (const [code, platform] of platforms) {
    const alone = bindRules(rulesOfCatalog(platform), platform, now)
    const all = { ...alone, ...engines.get(code)?.rules }
    rules.set(code, all)
    for (const type of [...typesOf(platform), ...Object.keys(all)]) platformOf.set(type, code)
  }
  return { platforms, rules, platformOf }
}
