import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { amount, overLimit, takes, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

export const services: Record<string, ResourceRule> = {
  'gcp:cloudscheduler/job:Job': ruleById('gcp:cloudscheduler/job:Job', (inputs) => placed(inputs), {
    demand: () => takes(amount('gcp-scheduler.jobs', 1, 'proven', 'one job')),
  }),
  'gcp:container/cluster:Cluster': ruleById('gcp:container/cluster:Cluster', (inputs) => placed(inputs), {
    tagged: 'labels',
    stateful: true,
    demand: () =>
      overLimit(
        'gcp-gke-credit.cluster-fee',
        'the fee of one cluster is waived, its nodes are charged',
        'use a Cloud Run function',
      ),
  }),
  'gcp:appengine/standardAppVersion:StandardAppVersion': ruleById(
    'gcp:appengine/standardAppVersion:StandardAppVersion',
    () => null,
    { demand: versionDemand },
  ),
  'gcp:appengine/application:Application': ruleById('gcp:appengine/application:Application', () => null, {
    demand: () => takes(),
  }),
}

function versionDemand(inputs: Inputs): DemandAnswer {
  const size = textAt(inputs, 'instanceClass') ?? 'F1'
  if (size !== 'F1') return unsafe('instanceClass', size, 'F1')
  const scaling = inputs.automaticScaling as { standardSchedulerSettings?: { maxInstances?: number } } | undefined
  const most = scaling?.standardSchedulerSettings?.maxInstances
  if (most !== 1) return unsafe('automaticScaling.standardSchedulerSettings.maxInstances', most, '1')
  return takes(amount('gcp-app-engine-standard.f1-hours', 24, 'proven', 'one instance × 24 h a day'))
}

function placed(inputs: Inputs): string | null {
  const [region, name] = [textAt(inputs, 'region') ?? textAt(inputs, 'location'), textAt(inputs, 'name')]
  return region === undefined || name === undefined ? null : `${region}/${name}`
}
