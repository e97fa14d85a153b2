import { expect, it } from 'vitest'
import { type Manifest, ofKind, readFolder } from './manifests.ts'

/** An autoscaler leaves the count alone while the figure is within a tenth of what it should be. */
const TOLERANCE = 0.1

it('the autoscaler never rests while a session has no worker', () => {
  const pods = podsFor(readFolder('keda'))
  for (let sessions = 0; sessions <= 2_000; sessions++)
    expect(restsAt(pods, sessions)).toBeGreaterThan(sessions)
})

it('a reserve that does not grow with the fleet would let sessions wait for ever', () => {
  const sessions = 200
  expect(restsAt((desired) => desired + 2, sessions)).toBeLessThan(sessions)
})

/** The least count of pods at which the autoscaler changes nothing. */
function restsAt(pods: (desired: number) => number, sessions: number): number {
  const wanted = pods(sessions)
  let count = 1
  while (Math.abs(wanted / count - 1) > TOLERANCE) count = count < wanted ? count + 1 : Math.ceil(wanted)
  return count
}

function podsFor(manifests: readonly Manifest[]): (desired: number) => number {
  type ScaledObject = Manifest & {
    spec: { advanced: { scalingModifiers: { formula: string; target: string } } }
  }
  const [scaler] = ofKind<ScaledObject>(manifests, 'ScaledObject')
  const { formula, target } = scaler?.spec.advanced.scalingModifiers ?? { formula: '', target: '' }
  const [, share, reserve] = /^desired \* ([\d.]+) \+ (\d+)$/.exec(formula) ?? []
  if (target !== '1' || !share || !reserve)
    throw new Error(`cannot read the formula '${formula}' / ${target}`)
  return (desired) => desired * Number(share) + Number(reserve)
}
