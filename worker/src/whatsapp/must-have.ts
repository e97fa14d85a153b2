import type { NotHandedOver, OperationRefused } from './client-errors.ts'
import type { PageTaskName } from './page/bindings.ts'
import type { PageKit } from './page/page-kit.ts'

/** Throws a refusal of the given kind where the page lacks what it needs for a task. */
export async function mustHave(
  kit: PageKit,
  task: PageTaskName,
  Refusal: typeof OperationRefused | typeof NotHandedOver,
): Promise<void> {
  const lacks = await kit.lacksFor(task)
  if (lacks.length > 0) throw new Refusal('not_available_in_this_page', lackOf(lacks))
}

/** @param lacks names of bindings */
export function lackOf(lacks: readonly string[]): string {
  return `WhatsApp Web, as it is today, lacks ${lacks.join(', ')}.`
}
