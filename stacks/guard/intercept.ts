import type { Values } from '../wire/values.ts'
import type { Guard } from './guard.ts'
import { interceptCheck } from './intercept/check.ts'
import { interceptCheckConfig, interceptConfigure } from './intercept/configure.ts'
import { interceptCreate } from './intercept/create.ts'
import { interceptDelete } from './intercept/delete.ts'
import { interceptDiff } from './intercept/diff.ts'
import { interceptRead } from './intercept/read.ts'
import { interceptUpdate } from './intercept/update.ts'
import type { Interceptor, Message, Passing } from './relay.ts'

/** All the calls the guard has a say in; every other one passes as it is. */
export function interceptorsOf(guard: Guard, configuration: Values): Record<string, Interceptor> {
  return {
    checkConfig: bound(interceptCheckConfig, configuration),
    configure: bound(interceptConfigure, configuration),
    check: bound(interceptCheck, guard),
    diff: bound(interceptDiff, guard),
    create: bound(interceptCreate, guard),
    read: bound(interceptRead, guard),
    update: bound(interceptUpdate, guard),
    delete: bound(interceptDelete, guard),
    cancel: async ({ request, forward }) => {
      guard.creates.cancelled = true
      return forward(request)
    },
    // A component made inside a provider would register resources that no plan has seen.
    construct: refused(guard, 'a component of a provider is not planned', 'use its resources directly'),
    // What these do no plan has seen either, and some do more than read (a data source that runs a function).
    invoke: refused(guard, 'a data source is not planned', 'take the value as an input instead'),
    call: refused(guard, 'a method of a resource is not planned', 'take the value as an input instead'),
    // It would speak for resource types under another name.
    parameterize: refused(guard, 'a provider made of parameters is not planned', 'use the provider of the platform'),
  }
}

function refused(guard: Guard, message: string, hint: string): Interceptor {
  return async ({ provider }) => guard.refuse('guard.not-granted', provider, message, hint)
}

/** The relay decodes by method, so the request is of the method's type: the one place where that is said. */
function bound<First, Request extends Message, Response extends Message>(
  intercept: (first: First, passing: Passing<Request, Response>) => Promise<Response>,
  first: First,
): Interceptor {
  return (passing) => intercept(first, passing as unknown as Passing<Request, Response>)
}
