import type { SimulatedCloud } from '../../../../../../../stacks/contract/sandbox.ts'

/** Both sides of the benchmark create their things here. */
const cloud: SimulatedCloud = {
  provider: 'bench',
  engine: 'bnc',
  resources: {
    'bench:index/thing:Thing': {
      replaceOn: ['name'],
      create: async (inputs, world) => ({ id: String(inputs.name), outputs: { ...inputs, address: world.hex(8) } }),
    },
  },
  bill: () => [],
}
export default cloud
