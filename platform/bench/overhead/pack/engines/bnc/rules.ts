import type { ResourceRule } from '../../../../../../engines/contract/engine.ts'

const thing: ResourceRule = {
  demand: () => ({
    ok: true,
    demand: {
      amounts: [{ meter: 'bench-things.things', scope: '', amount: 1, bound: 'proven', because: 'one thing' }],
    },
  }),
  tagProperty: 'tags',
  lookup: (inputs) => ({ name: inputs.name }),
  find: async (lookup, platform) => (await platform.read('bench:index/thing:Thing', String(lookup.name)))?.id,
  stateful: false,
}

export const rules: Record<string, ResourceRule> = { 'bench:index/thing:Thing': thing }
