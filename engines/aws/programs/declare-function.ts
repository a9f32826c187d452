import { FunctionUrl } from '@pulumi/aws/lambda/functionUrl.js'
import { Permission } from '@pulumi/aws/lambda/permission.js'
import type { ProgramOutputs } from '../../contract/engine.ts'
import { type CodeContext, declareCode, type Size } from './declare-code.ts'

/** A browser asks for some files at once; with 1 most of a page would be answered 429. */
const AT_ONCE = 5

/** One function with a URL of its own, open to everybody, throttled to a few requests at once. */
export function declareFunction(context: CodeContext, size: Omit<Size, 'atOnce'>): ProgramOutputs {
  const { component, slug } = context
  const name = component.name
  const fn = declareCode(context, { ...size, atOnce: AT_ONCE })
  const url = new FunctionUrl(`${name}-url`, { functionName: fn.name, authorizationType: 'NONE' })
  // A public URL needs both permissions since October 2025.
  new Permission(`${name}-public-url`, {
    statementId: `${slug}-url`,
    function: fn.name,
    action: 'lambda:InvokeFunctionUrl',
    principal: '*',
    functionUrlAuthType: 'NONE',
  })
  new Permission(`${name}-public-invoke`, {
    statementId: `${slug}-invoke`,
    function: fn.name,
    action: 'lambda:InvokeFunction',
    principal: '*',
    invokedViaFunctionUrl: true,
  })
  return { url: url.functionUrl, function: fn.arn }
}
