import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, least, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { unknownRegion } from './region.ts'

type Inputs = Record<string, unknown>

/** One running copy at a time is what bounds a function (sources A3, P1 of the catalogue). */
const SAFE = { reservedConcurrentExecutions: 1 }
/** Beyond this a burst could spend more than readings notice in time. */
const MAX_CONCURRENCY = 10

export const lambda: Record<string, ResourceRule> = {
  'aws:lambda/function:Function': ruleById('aws:lambda/function:Function', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'tags',
    safe: (inputs) => fillIn(inputs, SAFE),
    demand: functionDemand,
  }),
  'aws:lambda/functionUrl:FunctionUrl': ruleById(
    'aws:lambda/functionUrl:FunctionUrl',
    (inputs) => textAt(inputs, 'functionName') ?? null,
    {
      demand: (inputs) =>
        (textAt(inputs, 'invokeMode') ?? 'BUFFERED') === 'BUFFERED'
          ? takes()
          : unsafe('invokeMode', inputs.invokeMode, 'BUFFERED; streamed bytes are charged'),
    },
  ),
  'aws:lambda/permission:Permission': ruleById('aws:lambda/permission:Permission', permissionId, {
    demand: () => takes(),
  }),
  'aws:lambda/alias:Alias': ruleById(
    'aws:lambda/alias:Alias',
    (inputs) => pair(textAt(inputs, 'functionName'), textAt(inputs, 'name')),
    {
      demand: () => takes(),
    },
  ),
}

function functionDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const region = unknownRegion(inputs, context)
  if (region !== undefined) return region
  const concurrency = numberAt(inputs, 'reservedConcurrentExecutions')
  if (concurrency === undefined || concurrency < 0 || concurrency > MAX_CONCURRENCY) {
    return unsafe('reservedConcurrentExecutions', inputs.reservedConcurrentExecutions, `0 to ${MAX_CONCURRENCY}`)
  }
  const memory = numberAt(inputs, 'memorySize') ?? 128
  if (memory < 128 || memory > 10_240) return unsafe('memorySize', memory, '128 to 10240 MB')
  const timeout = numberAt(inputs, 'timeout') ?? 3
  if (timeout < 1 || timeout > 900) return unsafe('timeout', timeout, '1 to 900 seconds')
  if ((textAt(inputs, 'packageType') ?? 'Zip') !== 'Zip')
    return unsafe('packageType', inputs.packageType, 'Zip; images need a registry that is charged')
  if (inputs.s3Bucket !== undefined)
    return unsafe('s3Bucket', inputs.s3Bucket, 'a zip uploaded with the function; S3 is charged')
  if ((numberAt(inputs, 'ephemeralStorage.size') ?? 512) > 512)
    return unsafe('ephemeralStorage.size', inputs.ephemeralStorage, '512 MB')
  if (inputs.snapStart !== undefined) return unsafe('snapStart', inputs.snapStart, 'no snapshots')
  const gigabytes = memory / 1024
  const { requests, egressMb } = context.expect
  return takes(
    amount('aws-lambda.requests', requests, 'watched', `${requests} requests expected a month`),
    least(
      amount(
        'aws-lambda.compute',
        concurrency * gigabytes * MONTH_S,
        'proven',
        `${concurrency} at once × ${gigabytes} GB × ${MONTH_S} s`,
      ),
      amount(
        'aws-lambda.compute',
        requests * timeout * gigabytes,
        'watched',
        `${requests} requests × ${timeout} s × ${gigabytes} GB`,
      ),
    ),
    amount('aws-egress.internet-egress', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
  )
}

function permissionId(inputs: Inputs): string | null {
  const fn = inputs.function
  return pair(typeof fn === 'string' ? fn : undefined, textAt(inputs, 'statementId'))
}

function pair(parent: string | undefined, name: string | undefined): string | null {
  return parent === undefined || name === undefined ? null : `${parent}/${name}`
}
