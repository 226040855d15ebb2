"""From findings to estimates: arrays in, values with their uncertainty out.

Where to look, in reading order; formulas and sources are in docs/statistics.md.

====================================  ==============================================================
A campaign's figures                  domains, and what it is made of: classes, survey, two_phase,
                                      totals, nonresponse, intervals, hypergeometric, decision,
                                      flags; shares for several levels at once
What the figures mean                 p_values, multiplicity, rollup (rollup_leaves,
                                      exchangeable_rates), error_rates, tipping, print_rule
One stratified sample                 sample, stratified, variance, estimates; collapse for strata
                                      of one row, calibration for known totals
Two phases, other estimators          answers, difference
Nonresponse by classes                propensity, response_classes, class_weighting
Deciding while calling goes on        sequential, stopping; martingales, confidence_sequences,
                                      stratified_evidence, likelihood
Without assumptions                   exact_strata
For display alone                     small_area
How the calls went                    response_rates, agreement, excess
====================================  ==============================================================
"""
