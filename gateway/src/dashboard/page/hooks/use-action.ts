import { useState } from 'preact/hooks'
import { ApiProblem } from '../api/api.ts'
import { FormFault } from '../forms/form-values.ts'

/** Something that a person asked for. */
export interface Action {
  isRunning: boolean
  /** Why the latest failed, null where it did not. */
  problem: ApiProblem | null
  /** Does nothing while one is under way. */
  run: (action: () => Promise<void>) => Promise<void>
}

export function useAction(): Action {
  const [isRunning, setRunning] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const run = async (action: () => Promise<void>) => {
    if (isRunning) return
    setRunning(true)
    setProblem(null)
    try {
      await action()
    } catch (error) {
      if (error instanceof FormFault) setProblem(new ApiProblem(0, { error: error.message }))
      else if (error instanceof ApiProblem) setProblem(error)
      else throw error
    } finally {
      setRunning(false)
    }
  }
  return { isRunning, problem, run }
}
