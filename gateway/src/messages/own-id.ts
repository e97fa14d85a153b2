/** A message may be named by WhatsApp's full id, `true_<chat>_<id>`, which ends with ours. */
export function toOwnId(id: string): string {
  return id.slice(id.lastIndexOf('_') + 1)
}
