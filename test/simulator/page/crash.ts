/** Deeper than the renderer's native stack lets it lay out. */
const DEPTH = 200_000

/** Ends the renderer as a real crash does: a document nested so deep that laying it out overflows the stack. */
export function crash(): void {
  let inner = document.body
  for (let depth = 0; depth < DEPTH; depth += 1) inner = inner.appendChild(document.createElement('div'))
  document.body.getBoundingClientRect()
}
