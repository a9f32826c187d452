import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** No limit is documented for one instance; taken as 1 Gbit/s, as for Cloud Run. */
const SENT_GB_PER_HOUR = 450

export const services: Record<string, ResourceRule> = {
  'gcp:cloudscheduler/job:Job': ruleById('gcp:cloudscheduler/job:Job', (inputs) => placed(inputs), {
    // It keeps its place among the free ones: what is paused is counted as a job.
    suspended: (inputs) => ({ ...inputs, paused: true }),
    demand: () => takes(amount('gcp-scheduler.jobs', 1, 'proven', 'one job')),
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

function versionDemand(_inputs: Inputs, context: DemandContext): DemandAnswer {
  const { egressMb } = context.expect
  return takes(
    amount('gcp-app-engine-standard.f1-hours', 24, 'proven', 'one instance × 24 h a day'),
    atMost(
      amount(
        'gcp-app-engine-standard.egress',
        egressMb / 10_000,
        'watched',
        `a tenth of ${egressMb} MB a month in a day`,
      ),
      SENT_GB_PER_HOUR,
    ),
  )
}

function placed(inputs: Inputs): string | null {
  const [region, name] = [textAt(inputs, 'region') ?? textAt(inputs, 'location'), textAt(inputs, 'name')]
  return region === undefined || name === undefined ? null : `${region}/${name}`
}
