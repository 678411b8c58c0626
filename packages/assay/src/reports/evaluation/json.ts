import { type ByCategory, byCategory } from '../../harm/index.ts'
import type { CategoryResult, Comparison, Paired } from '../../model-evaluation/index.ts'
import { assessmentAsJson } from '../assessment-as-json.ts'
import { type Attack, drawsAsJson, type EvaluationReport, placeAsJson } from './evaluation-report.ts'
import type { EvaluationReportJson } from './evaluation-report-schema.ts'

export function evaluationAsJson(report: EvaluationReport): string {
  const { assessment, arms, conversations, strategies, objectives } = report.evaluation
  const json: EvaluationReportJson = {
    model: report.model,
    ...placeAsJson(report),
    outcome: assessment.outcome,
    assessment: assessmentAsJson(assessment),
    conversations,
    categories: resultsAsJson(arms.policy as ByCategory<CategoryResult>),
    customer_arm: arms.customer ? resultsAsJson(arms.customer) : null,
    comparison: report.comparison ? comparisonAsJson(report.comparison) : null,
    attack: report.attack ? attackAsJson(report.attack) : null,
    strategies,
    objectives,
    withheld: report.withheld,
    ...drawsAsJson(report),
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

export function comparisonAsJson({
  harmful,
  harmfulInFormat,
  overRefusal,
}: Comparison): NonNullable<EvaluationReportJson['comparison']> {
  const ofAll = (pairs: ByCategory<Paired>) => byCategory((category) => pairedAsJson(pairs[category]))
  return {
    harmful: ofAll(harmful),
    harmful_in_format: harmfulInFormat ? ofAll(harmfulInFormat) : null,
    over_refusal: {
      sounds_harmful: pairedAsJson(overRefusal.soundsHarmful),
      plain: pairedAsJson(overRefusal.plain),
    },
  }
}

function attackAsJson({ attacker, attacked }: Attack): NonNullable<EvaluationReportJson['attack']> {
  const { attacks, messages, refusedMessages } = attacked
  return { attacker, attacks, messages, refused_messages: refusedMessages }
}

function pairedAsJson({ asked, base, tuned, onlyTuned, onlyBase, pValue }: Paired) {
  return { asked, base, tuned, only_tuned: onlyTuned, only_base: onlyBase, p_value: pValue }
}

function resultsAsJson(results: ByCategory<CategoryResult>) {
  return byCategory((category) => {
    const { conversations, harmful, decision, defectRate, interval } = results[category]
    return { conversations, harmful, decision, defect_rate: defectRate, interval: [...interval] as [number, number] }
  })
}
