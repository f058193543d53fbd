# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += man/palaver.yaml.5 man/palaverctl.1
