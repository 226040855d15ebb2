# The same job in R: means, standard errors and intervals of every level of one stratified sample.
# Usage: Rscript estimation_speed.R FOLDER, which holds cases.csv. Writes FOLDER/times.csv, the
# seconds of each job without loading, and FOLDER/figures.csv, what the jobs found.
suppressPackageStartupMessages(library(survey))
options(warn = -1) # shares of 0 or 1, for which svyciprop has no limits
folder <- commandArgs(trailingOnly = TRUE)[1]
levels_ <- c("cell", "unit_project", "unit", "project")

cases <- read.csv(file.path(folder, "cases.csv"))
for (name in levels_) cases[[name]] <- factor(cases[[name]])

times <- NULL
timed <- function(job, level, work) {
  took <- system.time(result <- work(), gcFirst = TRUE)
  times <<- rbind(times, data.frame(
    job = job, level = level, elapsed = took[["elapsed"]],
    cpu = took[["user.self"]] + took[["sys.self"]]
  ))
  result
}

design <- timed("design", "all", function() {
  svydesign(ids = ~1, strata = ~cell, fpc = ~frame_size, data = cases)
})

figures <- NULL
for (name in levels_) {
  by <- reformulate(name)
  means <- timed("mean", name, function() svyby(~y, by, design, svymean))
  ends <- timed("interval", name, function() {
    svyby(~ I(y == 1), by, design, svyciprop, vartype = "ci", method = "beta")
  })
  figures <- rbind(figures, data.frame(
    level = name, domain = as.character(means[[name]]), share = means$y, se = means$se,
    low = ends$ci_l, high = ends$ci_u
  ))
}
mean <- timed("mean", "province", function() svymean(~y, design))
ends <- timed("interval", "province", function() svyciprop(~ I(y == 1), design, method = "beta"))
figures <- rbind(figures, data.frame(
  level = "province", domain = "0", share = coef(mean)[[1]], se = SE(mean)[[1]],
  low = confint(ends)[[1]], high = confint(ends)[[2]]
))

write.csv(times, file.path(folder, "times.csv"), row.names = FALSE)
write.csv(figures, file.path(folder, "figures.csv"), row.names = FALSE, na = "nan")
cat("R", paste(R.version$major, R.version$minor, sep = "."), "survey",
    as.character(packageVersion("survey")), "\n")
